package main

import (
	"context"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/benchmarks/internal/process"
	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

// Servers and workers are this program started again; here that is the test binary, whose workers include some
// that are wrong.
func TestMain(m *testing.M) {
	peers = append(peers, losing, doubling, stubborn)
	comparison().Test(m)
}

// right are the peers that the program has.
func right() []peer { return peers[:len(peers)-3] }

// tiny is a run in which everything happens, but not for long.
func tiny(t *testing.T, out io.Writer) *bench {
	return &bench{
		ctx: t.Context(), progress: func(string, ...any) {}, report: &report.Report{Out: out},
		peers: right(), senders: sending,
		plan: plan{
			rounds: 1, distances: []time.Duration{0, 2 * time.Millisecond},
			handlers: []time.Duration{0, time.Millisecond}, warm: 50 * time.Millisecond, window: 200 * time.Millisecond,
			arrivals: 10,
			outlive:  outliving{messages: 10, visibility: time.Second, takes: 1500 * time.Millisecond, limit: 3 * time.Second},
			restart: restarting{
				each: 12, visibility: time.Second, takes: 10 * time.Millisecond, away: time.Millisecond, limit: 30 * time.Second,
			},
			sending: 100 * time.Millisecond, single: 10,
		},
	}
}

// cpuIsKnown tells whether this system says how much processor time a process has used.
func cpuIsKnown() bool {
	_, err := process.CPU(os.Getpid())
	return err == nil
}

// plotted finds what is wrong with the plots of a measure: none, or one without somebody.
func plotted(t *testing.T, r *report.Report, subjects int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "results.json")
	if err := r.WriteResults(path); err != nil {
		t.Fatal(err)
	}
	kept, err := report.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	m := kept.Measures[len(kept.Measures)-1]
	if len(m.Plots) == 0 {
		t.Error("there is no plot")
	}
	for _, p := range m.Plots {
		seen := map[string]bool{}
		for _, x := range p.Of(m.Figures) {
			seen[x.Subject] = true
		}
		if len(seen) != subjects {
			t.Errorf("the plot %s shows %v, want %d", p.Name, seen, subjects)
		}
	}
}

// Every measure has a row for everyone who takes part, with figures, and plots of them, judges its targets, and
// nobody fails.
func TestMeasures(t *testing.T) {
	t.Parallel()
	subjects := map[string]int{"load": 5, "latency": 5, "outlive": 4, "restart": 4, "send": 6, "send-one": 6}
	targetsOf := map[string][]string{
		"load": {"load quayside"}, "outlive": {"outlive quayside"},
		"restart": {"restart handled quayside", "restart again quayside"},
		"send":    {"send quayside Send", "send quayside SendAll, 64 requests"},
	}
	judged := 0
	rows := map[string]int{"load": 2 * 2 * 5, "latency": 2 * 5, "outlive": 4, "restart": 4, "send": 2 * 6, "send-one": 2 * 6}
	for _, m := range measures {
		judged += len(targetsOf[m.Name])
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			b := tiny(t, &out)
			b.report.Markdown = true
			b.report.Begin(report.Results{Program: "peers"}, "")
			b.report.Measure(m.Name, m.What, "")
			if err := m.Run(b); err != nil {
				t.Fatal(err)
			}
			b.report.Flush()
			plotted(t, b.report, subjects[m.Name])
			for _, key := range targetsOf[m.Name] {
				if got, ok := b.report.Reached(key); !ok || math.IsNaN(got) || math.IsInf(got, 0) {
					t.Errorf("target %q was not judged: %v\n%s", key, got, &out)
				}
			}
			if strings.Contains(out.String(), "SKIPPED") {
				t.Errorf("somebody failed:\n%s", &out)
			}
			n := 0
			for line := range strings.Lines(out.String()) {
				switch {
				case strings.HasPrefix(line, "| ---"):
					n-- // the head above it
				case strings.HasPrefix(line, "| "):
					n++
				}
				if strings.Contains(line, " - ") && cpuIsKnown() {
					t.Errorf("a figure is missing: %s", line)
				}
			}
			if n != rows[m.Name] {
				t.Errorf("%d rows, want %d:\n%s", n, rows[m.Name], &out)
			}
		})
	}
	if judged != len(targets) {
		t.Errorf("%d targets are looked at here, of %d", judged, len(targets))
	}
}

// A whole run, by its command line: what is skipped, a table, and versions.
func TestRun(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	path := filepath.Join(t.TempDir(), "results.json")
	args := []string{"-quick", "-only", "send-one", "-rounds", "1", "-markdown", "-results", path}
	if err := comparison().Run(t.Context(), args, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"medians of 1 rounds", "SKIPPED watermill-aws: the module", "| 20ms | quayside Send | "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
	r, err := report.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(r.Versions, func(v report.Version) bool { return v.Name == gocloudModule }) {
		t.Errorf("the versions are %v", r.Versions)
	}
}

func TestProgram(t *testing.T) {
	t.Parallel()
	if err := comparison().Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestWorkerArguments(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{workerArgument}, {workerArgument, "nobody", "url", "orders", "0s", "0s"}, {workerArgument, watermill.name, "url", "orders", "0s", "0s"},
		{workerArgument, "quayside", "url", "orders", "far", "0s"}, {workerArgument, "quayside", "url", "orders", "0s", "long"},
	} {
		if err := comparison().Run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%q was accepted", args)
		}
	}
}

// In every round each has its turn, and each begins one. One that fails is out, aloud; the others go on.
func TestTurns(t *testing.T) {
	t.Parallel()
	wrong := errors.New("wrong")
	var out strings.Builder
	b := tiny(t, &out)
	b.plan.rounds = 3
	var turns []int
	err := b.turns("the test", []string{"x", "y", "z"}, func(i int) error {
		turns = append(turns, i)
		if i == 1 {
			return wrong
		}
		return nil
	})
	if want := []int{0, 1, 2, 2, 0, 2, 0}; !slices.Equal(turns, want) || err != nil {
		t.Errorf("the turns were %v, %v; want %v", turns, err, want)
	}
	if !strings.Contains(out.String(), "SKIPPED y in the test: wrong") {
		t.Errorf("got %q", &out)
	}
	if err := b.turns("the test", []string{"x"}, func(int) error { return wrong }); err == nil {
		t.Error("a measure without anybody has passed")
	}
}

// The same, of those that are measured at the same time.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	wrong := errors.New("wrong")
	var out strings.Builder
	b := tiny(t, &out)
	b.plan.rounds = 2
	turns := make([]int, 3)
	err := b.atOnce("the test", []string{"x", "y", "z"}, func(i int) error {
		turns[i]++
		if i == 1 {
			return wrong
		}
		return nil
	})
	if !slices.Equal(turns, []int{2, 1, 2}) || err != nil {
		t.Errorf("%v turns, %v", turns, err)
	}
	if n := strings.Count(out.String(), "SKIPPED y in the test: wrong"); n != 1 {
		t.Errorf("said %d times that y is skipped: %q", n, &out)
	}
	if err := b.atOnce("the test", []string{"x"}, func(int) error { return wrong }); err == nil {
		t.Error("a measure without anybody has passed")
	}
}

// A peer that ends by itself, with an error or without, has no figures.
func TestPeerEnds(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	b := tiny(t, &out)
	b.plan.distances = b.plan.distances[:1]
	b.peers = []peer{quayside, {name: "broken", hands: 1, work: func(context.Context, *sqs.Client, string, handler) error {
		return errors.New("no luck")
	}}}
	for _, m := range []func(*bench) error{(*bench).load, (*bench).latency, (*bench).outlive} {
		out.Reset()
		if err := m(b); err != nil {
			t.Error(err)
		}
		b.report.Flush()
		if !strings.Contains(out.String(), "SKIPPED broken in ") || !strings.Contains(out.String(), "no luck") {
			t.Errorf("not said:\n%s", &out)
		}
	}
}
