package main

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

// units are all that benchmarks report, in the order of no benchmark in particular.
var units = []string{
	"ns/op", "ns/msg", "allocs/op", "allocs/msg", "send-ns/msg", "receive-ns/msg", "change-ns/msg", "delete-ns/msg", "cycle-ns/msg",
	"overhead-B/msg", "objects/msg", "collection-ns", "pause-ns", "send-p50-ns", "send-p99.9-ns",
	"create-ns/queue", "new-B/queue", "used-B/queue", "cpu-ns/msg", "p50-ns", "p99-ns",
	"B/message", "B/delayed", "B/group", "B/tenant", "B/dedup-id",
}

// faked is a bench whose benchmarks report, in every unit, what value says of their arguments.
func faked(t *testing.T, p plan, value func(args, unit string) float64) (*bench, *strings.Builder) {
	var out strings.Builder
	return &bench{
		ctx: t.Context(), plan: p, report: &report.Report{Out: &out}, progress: func(string, ...any) {},
		available: func() (int64, bool) { return 0, false },
		run: func(_ context.Context, _, _ string, args ...string) ([]byte, error) {
			line := "BenchmarkX 1"
			for _, u := range units {
				line += fmt.Sprintf(" %g %s", value(strings.Join(args, " "), u), u)
			}
			return []byte(line + "\n"), nil
		},
	}, &out
}

// A full run judges every target; a quick one judges all but those of 10,000,000 messages.
func TestEveryTarget(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]plan{"full": thorough, "quick": quick} {
		b, out := faked(t, p, func(_, _ string) float64 { return 3 })
		for _, m := range measures {
			b.report.Measure(m.Name, m.What, "")
			if err := m.Run(b); err != nil {
				t.Fatal(err)
			}
		}
		b.report.Flush()
		judged := 0
		for _, x := range targets {
			if got, ok := b.report.Reached(x.Key); ok && !math.IsNaN(got) {
				judged++
			} else if name == "full" || !strings.Contains(x.Key, "10000000") {
				t.Errorf("%s: target %q was not judged: %v\n%s", name, x.Key, got, out)
			}
		}
		if name == "quick" && judged != len(targets)-5 {
			t.Errorf("a quick run judges %d of %d targets, want all but five", judged, len(targets))
		}
	}
}

// What targets bound is the ratio that is meant, and not its inverse.
func TestRatios(t *testing.T) {
	t.Parallel()
	b, out := faked(t, thorough, func(args, unit string) float64 {
		switch {
		case strings.Contains(args, "copy"):
			return 40 // 1.5 times that is less than 120
		case strings.Contains(args, "naive"):
			return 900
		case strings.Contains(args, "groups="):
			return 300
		case strings.Contains(args, receiversArgument+" 1000 "):
			return 6000
		case strings.Contains(args, receiversArgument):
			return 4000
		case strings.Contains(args, "objects"):
			return 500e6
		case strings.Contains(args, "Collection"):
			return 20e6
		case strings.Contains(args, "md5"):
			return 50
		case strings.Contains(args, "Depth$/^10000000$"):
			return 200
		}
		return 100
	})
	for _, m := range measures {
		if err := m.Run(b); err != nil {
			t.Fatal(err)
		}
	}
	for key, want := range map[string]float64{
		"cycle": 100.0 / 120, "cycle allocations": 100, "naive": 9, "naive deep": 9, "cycle 1000000": 1, "cycle 10000000": 0.5,
		"change 10000000": 2, "delete 10000000": 2, "groups 1": 3, "groups 1000": 3, "groups 1000000": 3,
		"receivers CPU": 1.5, "receivers p50": 6.0 / 5, "collection 10000000": 20.0 / 50, "send 1000000": 20e3 / 5,
		"overhead": 20e6 / 100, "objects": 20e6 / 0.01, "calls": 2, "calls allocations": 25,
	} {
		if got, ok := b.report.Reached(key); !ok || math.Abs(got-want) > 1e-6*want {
			t.Errorf("%s: %v, want %v\n%s", key, got, want, out)
		}
	}
}
