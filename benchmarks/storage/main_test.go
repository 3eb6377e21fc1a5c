package main

import (
	"encoding/csv"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/store"
)

// Stores are this program started again; here that is the test binary.
func TestMain(m *testing.M) {
	comparison().Test(m)
}

// tiny is a run in which everything happens, but not for long.
func tiny(t *testing.T, out io.Writer, stores ...string) *bench {
	_, absent := exec.LookPath("redis-server") // tests download none
	return &bench{
		ctx: t.Context(), peers: absent == nil, dir: t.TempDir(), stores: stores, progress: func(string, ...any) {},
		plan: plan{
			segment: 2 << 20, rounds: 2, loads: []load{{1, 1}, {64, 1}, {256, 1}, {64, 10}}, slice: 5 * time.Millisecond,
			cycles: 20 * time.Millisecond, depth: 1000, messages: 2010, opens: 2, states: 1000,
			soak: 200 * time.Millisecond, sample: 10 * time.Millisecond, late: 10 * time.Millisecond,
		},
		report: &report.Report{Out: out},
	}
}

// Every measure writes a row for each store, notes figures, and judges its targets.
func TestMeasures(t *testing.T) {
	t.Parallel()
	judged := 0
	targetsOf := map[string][]string{
		"calls":   {"raw put 1 1", "raw put 64 1", "raw put 256 1", "pebble put 256 1", "pebble-group put 256 1", "pebble put 64 10", "pebble-group put 64 10"},
		"steady":  {"pebble steady", "pebble-group steady", "disk", "empty"},
		"backlog": {"open", "resident", "empty backlog"},
		"memory":  {"index"},
		"http":    {"http 1", "http 10"},
		"tcp":     {"tcp NATS JetStream"},
		"soak":    {"soak disk", "soak memory"},
	}
	for _, m := range measures {
		judged += len(targetsOf[m.Name])
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			b := tiny(t, &out, store.Compared...)
			if err := m.Run(b); err != nil {
				t.Fatal(err)
			}
			b.report.Flush()
			for _, key := range targetsOf[m.Name] {
				if got, ok := b.report.Reached(key); !ok || math.IsNaN(got) {
					t.Errorf("target %q was not judged: %v\n%s", key, got, &out)
				}
			}
			if len(b.report.Figures()) == 0 {
				t.Error("no figure was noted")
			}
			if left, err := os.ReadDir(b.dir); err != nil || len(left) > 0 {
				t.Errorf("files are left: %v, %v", left, err)
			}
		})
	}
	if other := 4; judged+other != len(targets) { // bytes written are known on Linux only, and Redis is not everywhere
		t.Errorf("%d targets are looked at here, of %d", judged+other, len(targets))
	}
}

// A store that loses messages in a crash is found out.
func TestBacklogLost(t *testing.T) {
	t.Parallel()
	b := tiny(t, io.Discard, store.Memory)
	err := b.backlog()
	if err == nil || !strings.Contains(err.Error(), "2010 messages were answered before the crash, 0 are found") {
		t.Errorf("got %v; want how many were lost", err)
	}
}

// A store that cannot be opened, and a process that is killed under way, are named.
func TestProcessFails(t *testing.T) {
	t.Parallel()
	b := tiny(t, io.Discard)
	if _, err := b.start("floppy"); err == nil || !strings.Contains(err.Error(), `no store is called "floppy"`) {
		t.Errorf("got %v", err)
	}
	p, err := b.start(store.Raw)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Take(1, 1, time.Second); err == nil || !strings.Contains(err.Error(), "raw, take: a bare file") {
		t.Errorf("got %v", err)
	}
	if err := p.Fill("waiting", 1); err == nil || !strings.Contains(err.Error(), "cannot") {
		t.Errorf("got %v", err)
	}
	p.Kill()
	if _, err := p.Put(1, 1, time.Second); err == nil || !strings.Contains(err.Error(), "raw, put: the process ended") {
		t.Errorf("got %v", err)
	}
}

// A whole run, by its command line.
func TestRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	figures := filepath.Join(dir, "figures.csv")
	var out strings.Builder
	args := []string{"-quick", "-only", "backlog", "-stores", "bbolt", "-messages", "100", "-rounds", "1",
		"-dir", dir, "-csv", figures, "-markdown"}
	if err := comparison().Run(t.Context(), args, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"medians of 1 rounds", "| bbolt | ", "| opened after a crash | - |"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
	f, err := os.Open(figures)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if rows, err := csv.NewReader(f).ReadAll(); err != nil || len(rows) < 10 || rows[1][1] != "bbolt" {
		t.Errorf("figures are %v, %v", rows, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "quayside-*")); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

func TestProgram(t *testing.T) {
	t.Parallel()
	if err := comparison().Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"-stores", "floppy"}, {"-messages", "-1"}, {"-for", "0s"}, {"-dir", filepath.Join(t.TempDir(), "none")},
	} {
		if err := comparison().Run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%q was accepted", args)
		}
	}
}
