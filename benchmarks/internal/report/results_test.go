package report_test

import (
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

// kept is a report in which there is something of everything.
func kept() *report.Report {
	r := &report.Report{Out: io.Discard}
	r.Version("goaws", "v1")
	r.Begin(report.Results{
		Program: "wire", Title: "on the wire", Command: "go run ./wire", Quick: true, Date: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Machine: report.Machine{OS: "plan9", Arch: "mips", Cores: 3, Processor: "R2000", Memory: 64 << 30, Go: "go1"},
		About:   "How it is read.", Versions: []report.Version{{Name: "quayside", Version: "v0"}},
	}, "medians of 2 rounds")
	r.Skip("the moon", errors.New("too far"))
	r.Measure("send", "how fast", "It sends.")
	r.Table("Sent", "who", "/s").Row("quayside", "7")
	r.Note("send", "quayside", report.At(16, "connections"), "rate", "messages/s", 7, math.NaN(), 9)
	r.Note("send", "nobody", report.Load{}, "rate", "messages/s", math.NaN())
	r.Note("send", "raw", report.Under("alone"), "time", "s", 0.125)
	r.Plot(report.Plot{Name: "send", Title: "Sent", Measure: "send", What: "rate", Y: "messages/s"})
	r.Reach("send", "7", "8", math.Inf(1))
	r.Verdicts([]report.Target{report.AtMost("send", "sent", "8", 1), report.AtMost("kept", "kept", "9", 1)})
	r.End(nil)
	return r
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "results.json")
	if err := kept().WriteResults(path); err != nil {
		t.Fatal(err)
	}
	got, err := report.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	got.Took = "" // it took some time
	want := &report.Results{
		Program: "wire", Title: "on the wire", Command: "go run ./wire", Quick: true, Date: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Machine: report.Machine{OS: "plan9", Arch: "mips", Cores: 3, Processor: "R2000", Memory: 64 << 30, Go: "go1"},
		About:   "How it is read.", Versions: []report.Version{{Name: "quayside", Version: "v0"}, {Name: "goaws", Version: "v1"}},
		Measures: []*report.Measure{
			{Skipped: []string{"the moon: too far"}},
			{
				Name: "send", What: "how fast", About: "It sends.",
				Tables: []*report.Rows{{Heading: "Sent", Columns: []string{"who", "/s"}, Rows: [][]string{{"quayside", "7"}}}},
				Figures: []report.Figure{
					{Measure: "send", Subject: "quayside", Load: report.Load{Text: "16 connections", X: 16}, What: "rate", Unit: "messages/s", Median: 8, Least: 7, Greatest: 9, Rounds: 2},
					{Measure: "send", Subject: "raw", Load: report.Load{Text: "alone"}, What: "time", Unit: "s", Median: 0.125, Least: 0.125, Greatest: 0.125, Rounds: 1},
				},
				Plots: []report.Plot{{Name: "send", Title: "Sent", Measure: "send", What: "rate", Y: "messages/s"}},
			},
		},
		Targets: []report.Verdict{
			{Name: "sent", Figure: "7", Yardstick: "8", Its: "8", Ratio: "-", Bound: "<= 1.00", Met: "NO"},
			{Name: "kept", Figure: "-", Yardstick: "9", Its: "-", Ratio: "-", Bound: "<= 1.00", Met: "not measured"},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if of := want.Measures[1].Plots[0].Of(got.Figures()); len(of) != 1 || of[0].Subject != "quayside" {
		t.Errorf("the plot shows %+v", of)
	}
	if got := got.Machine.String(); got != "plan9/mips, 3 cores, R2000, 64 GiB of memory, go1" {
		t.Errorf("the machine is %q", got)
	}
}

func TestCSV(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "figures.csv")
	if err := kept().WriteCSV(path); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	want := "measure,subject,load,figure,unit,median,least,greatest,rounds\n" +
		"send,quayside,16 connections,rate,messages/s,8,7,9,2\n" +
		"send,raw,alone,time,s,0.125,0.125,0.125,1\n"
	if string(got) != want || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestReadWrong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for text, want := range map[string]string{"{}": "it has no results", "{": "unexpected end"} {
		path := filepath.Join(dir, "results.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := report.Read(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
	if _, err := report.Read(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	r := &report.Report{Out: io.Discard}
	if err := r.WriteResults(filepath.Join(dir, "none", "results.json")); err == nil {
		t.Error("results were written to nowhere")
	}
	if err := r.WriteCSV(filepath.Join(dir, "none", "figures.csv")); err == nil {
		t.Error("figures were written to nowhere")
	}
}
