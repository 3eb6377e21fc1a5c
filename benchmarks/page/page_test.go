package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

var update = flag.Bool("update", false, "write testdata/page.md anew")

// small are results in which there is something of everything.
func small() *report.Results {
	figure := func(subject string, load report.Load, median float64) report.Figure {
		return report.Figure{
			Measure: "send", Subject: subject, Load: load, What: "rate", Unit: "messages/s",
			Median: median, Least: 0.9 * median, Greatest: 1.2 * median, Rounds: 3,
		}
	}
	one, many := report.At(1, "connection"), report.At(16, "connections")
	return &report.Results{
		Program: "wire", Title: "quayside on the wire", Command: "go run ./wire -quick", Quick: true,
		Date: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Took: "1m2s",
		Machine:  report.Machine{OS: "linux", Arch: "amd64", Cores: 2, Processor: "Processor 9", Memory: 8 << 30, Go: "go1.26.0"},
		Versions: []report.Version{{Name: "quayside", Version: "v0.1"}, {Name: "goaws", Version: "v0.5.4"}},
		About:    "Ratios count.",
		Measures: []*report.Measure{
			{Skipped: []string{"elasticmq: mvn is\nnot there"}},
			{
				Name: "send", What: "SendMessage", About: "One message a request.",
				Tables: []*report.Rows{{Heading: "Sent", Columns: []string{"server", "/s"}, Rows: [][]string{{"quayside", "12k"}, {"a|b", "9"}}}},
				Figures: []report.Figure{
					figure("quayside", one, 12_000), figure("goaws", one, 3_000), figure("quayside", many, 45_000), figure("goaws", many, 100),
				},
				Plots: []report.Plot{
					{Name: "send", Title: "Sent & counted", Measure: "send", What: "rate", Y: "messages/s"},
					{Name: "lines", Title: "Sent", Lines: true, Measure: "send", What: "rate", X: "callers", Y: "thousands/s", PerUnit: 1000, LogX: true, LogY: true},
					{Name: "none", Title: "Nothing", Measure: "send", What: "beauty", Y: "beauty"},
				},
			},
		},
		Targets: []report.Verdict{
			{Name: "send", Figure: "12k", Yardstick: "goaws", Its: "3k", Ratio: "4.00", Bound: ">= 2.00", Met: "yes"},
			{Name: "start", Figure: "-", Yardstick: "fixed", Its: "-", Ratio: "-", Bound: "<= 2.00", Met: "not measured"},
		},
	}
}

// save writes results as a program does.
func save(t *testing.T, dir string, r *report.Results) {
	t.Helper()
	text, err := json.Marshal(r)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, r.Program+".json"), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// made makes a page of small results, of some that ended early, and of some that are not there.
func made(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	save(t, dir, small())
	save(t, dir, &report.Results{Program: "storage", Title: "on disk", Command: "go run ./storage", Error: "calls: the disk\nis full", Date: small().Date})
	if err := run([]string{"-from", dir, "-to", filepath.Join(dir, "marks.md"), "-note", "The machine was busy.", "wire", "storage", "worker"}, io.Discard); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	got, err := os.ReadFile(filepath.Join(made(t), "marks.md"))
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "page.md")
	if *update {
		if err := os.WriteFile(golden, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the page is not testdata/page.md (go test ./page -update writes it anew); it is\n%s", got)
	}
}

// What the page links to is there, and nothing else.
func TestBeside(t *testing.T) {
	t.Parallel()
	dir := made(t)
	page, err := os.ReadFile(filepath.Join(dir, "marks.md"))
	if err != nil {
		t.Fatal(err)
	}
	beside, err := os.ReadDir(filepath.Join(dir, "marks"))
	if err != nil || len(beside) != 4 {
		t.Errorf("there are %v, %v; want two tables and two plots", beside, err)
	}
	for _, f := range beside {
		if !strings.Contains(string(page), "(marks/"+f.Name()+")") {
			t.Errorf("the page does not link to %s", f.Name())
		}
	}
	table, err := os.ReadFile(filepath.Join(dir, "marks", "wire.csv"))
	if want := "send,goaws,16 connections,rate,messages/s,100,90,120,3\n"; err != nil || !strings.HasSuffix(string(table), want) {
		t.Errorf("the table is %q, %v; want %q in the end", table, err, want)
	}
}

// What another page left goes; what is no plot or table stays.
func TestEmptied(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"old.svg", "old.csv", "old.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := emptied(dir); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 || left[0].Name() != "old.txt" {
		t.Errorf("%v is left, %v", left, err)
	}
}

// texts are what is written in a plot, if it is XML.
func texts(t *testing.T, path string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all strings.Builder
	for d := xml.NewDecoder(f); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all.String()
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if text, ok := token.(xml.CharData); ok {
			all.WriteString(" " + strings.TrimSpace(string(text)))
		}
	}
}

func TestPlots(t *testing.T) {
	t.Parallel()
	dir := made(t)
	for name, labels := range map[string][]string{
		"wire-send":  {"Sent & counted", "messages/s", "1 connection", "16 connections", "quayside", "goaws", "50k"},
		"wire-lines": {"Sent", "callers", "thousands/s", "quayside", "goaws", " 1 ", " 16 ", " 0.1 ", " 10 "},
	} {
		got := texts(t, filepath.Join(dir, "marks", name+".svg")) + " "
		for _, want := range labels {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in %q", name, want, got)
			}
		}
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	page := filepath.Join(dir, "page.md")
	for _, args := range [][]string{
		{"-no-such-flag"}, {"-from", dir}, {"-from", dir, "-to", "page.html"}, {"-from", dir, "-to", page}, {"-from", dir, "-to", page, "wire"},
	} {
		if err := run(args, io.Discard); err == nil {
			t.Errorf("%q was accepted", args)
		}
	}
	if err := run([]string{"-help"}, io.Discard); err != nil {
		t.Error(err)
	}
}

// Without names, all results are taken that are there; what is none is refused.
func TestRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	save(t, dir, small())
	if p, err := read(dir, nil); err != nil || len(p.all) != 1 || p.all[0].Program != "wire" {
		t.Errorf("got %+v, %v", p, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "worker.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := read(dir, nil); err == nil || !strings.Contains(err.Error(), "no results") {
		t.Errorf("got %v", err)
	}
}
