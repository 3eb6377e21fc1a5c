package main

import (
	"io"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

// Children are this program started again; here that is the test binary.
func TestMain(m *testing.M) {
	comparison().Test(m)
}

// judgedBy are the targets that each measure judges in a small run.
var judgedBy = map[string][]string{
	"cycle":      {"cycle", "cycle allocations", "naive"},
	"groups":     {"groups 1", "groups 1000"},
	"receivers":  {"receivers p50"},
	"collection": {"collection 1000000", "send 1000000", "overhead", "objects"},
	"calls":      {"calls", "calls allocations"},
	"codec":      {"codec read plain", "codec read escaped", "codec written plain", "codec written escaped", "codec allocations plain"},
}

// figuresOf is how many figures each keeps then.
var figuresOf = map[string]int{"cycle": 3 * 2, "depth": 2 * 5, "groups": 2 * 2, "queues": 2 * 4, "receivers": 2 * 3, "collection": 2 * 6, "calls": 2 * 3, "codec": 2 * 6}

// Every measure runs the benchmarks that there are, writes a table and judges its targets: a run in which
// everything happens, but not for long.
func TestMeasures(t *testing.T) {
	t.Parallel()
	programs, err := build(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	small := plan{
		rounds: 1, time: time.Millisecond, depths: []int{0, 1000}, collected: []int{million}, groups: []int{1, 1000},
		queues: []int{1, 20}, receivers: []int{1, parked},
	}
	for _, m := range measures {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			b := &bench{
				ctx: t.Context(), plan: small, report: &report.Report{Out: &out}, progress: func(string, ...any) {},
				binaries: programs, run: output, available: availableMemory,
			}
			if err := m.Run(b); err != nil {
				t.Fatal(err)
			}
			b.report.Flush()
			for _, key := range judgedBy[m.Name] {
				if got, ok := b.report.Reached(key); !ok || math.IsNaN(got) || math.IsInf(got, 0) {
					t.Errorf("target %q was not judged: %v\n%s", key, got, &out)
				}
			}
			want := figuresOf[m.Name]
			if m.Name == "receivers" && runtime.GOOS != "linux" {
				want -= 2 // processor time
			}
			if got := b.report.Figures(); len(got) != want { // one that a benchmark did not report is not kept
				t.Errorf("%d figures, want %d: %+v", len(got), want, got)
			}
		})
	}
}

func TestProgram(t *testing.T) {
	t.Parallel()
	if err := comparison().Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestChildArguments(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{queuesArgument}, {queuesArgument, "many", "1s"}, {queuesArgument, "1", "long"}, {queuesArgument, "0", "1s"},
		{receiversArgument, "1"}, {receiversArgument, "1", "0s"},
	} {
		if err := comparison().Run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%q was accepted", args)
		}
	}
}
