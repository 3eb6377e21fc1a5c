package main

import (
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

// Servers, and workers whose memory is measured, are this program started again; here that is the test
// binary.
func TestMain(m *testing.M) {
	comparison().Test(m)
}

// tiny is a run in which everything happens, but not for long.
func tiny(t *testing.T, out io.Writer) *bench {
	_, absent := exec.LookPath("redis-server") // tests download none
	return &bench{
		ctx: t.Context(), peers: absent == nil, progress: func(string, ...any) {}, report: &report.Report{Out: out},
		plan: plan{
			races: 2, messages: 200, local: 500, tasks: 200, rounds: 2,
			loads: []load{{10, 0}, {10, time.Millisecond}, {64, time.Millisecond}, {256, time.Millisecond}},
			warm:  100 * time.Millisecond, window: 300 * time.Millisecond,
			changes: 1500 * time.Millisecond, idle: 100 * time.Millisecond, busy: 200 * time.Millisecond,
			large: 20, held: 8, hold: 60 * time.Millisecond, ramp: 20, long: 5 * time.Second,
		},
	}
}

// Every measure writes a table and judges its targets.
func TestMeasures(t *testing.T) {
	t.Parallel()
	judged := 0
	targetsOf := map[string][]string{
		"cpu": {"cpu"}, "asynq": {"asynq"}, "local": {"local time", "local allocations"},
		"batches":    {"received 10", "received 64", "received 256", "deleted 10", "deleted 64", "deleted 256", "requests 10", "requests 64", "requests 256"},
		"visibility": {"extended", "failed"},
		"idle":       {"idle"}, "connections": {"connections"}, "ramp": {"ramp 0s", "ramp 20ms"}, "memory": {"memory"},
	}
	for _, m := range measures {
		judged += len(targetsOf[m.Name])
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			b := tiny(t, &out)
			if err := m.Run(b); err != nil {
				t.Fatal(err)
			}
			b.report.Flush()
			if strings.Contains(out.String(), "SKIPPED") {
				t.Skip(&out)
			}
			for _, key := range targetsOf[m.Name] {
				if got, ok := b.report.Reached(key); !ok || math.IsNaN(got) || math.IsInf(got, 0) {
					t.Errorf("target %q was not judged: %v\n%s", key, got, &out)
				}
			}
		})
	}
	if judged != len(targets) {
		t.Errorf("%d targets are looked at here, of %d", judged, len(targets))
	}
}

// A whole run, by its command line.
func TestRun(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	args := []string{"-quick", "-only", "local", "-rounds", "1", "-markdown"}
	if err := comparison().Run(t.Context(), args, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"medians of 3 rounds of processor time, 1 of the rest", "| quayside | ", "| requests while idle | - |"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
}

// A profile is that of the worker, and changes nothing else. There is one processor profile at a time.
func TestProfile(t *testing.T) {
	b := tiny(t, io.Discard)
	b.profile = filepath.Join(t.TempDir(), "profile")
	for _, measure := range []func(*bench) error{(*bench).cpu, (*bench).local} {
		usual := b.plan.messages
		if err := measure(b); err != nil {
			t.Fatal(err)
		}
		if b.plan.messages != usual {
			t.Errorf("%d messages in the next round, want %d", b.plan.messages, usual)
		}
		if info, err := os.Stat(b.profile); err != nil || info.Size() == 0 {
			t.Errorf("the profile is %v, %v", info, err)
		}
		_ = os.Remove(b.profile) // the next makes it again
	}
}

func TestProgram(t *testing.T) {
	t.Parallel()
	if err := comparison().Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestHolderArguments(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{holderArgument}, {holderArgument, "url", "orders", "many", "1s"}, {holderArgument, "url", "orders", "1", "long"},
	} {
		if err := comparison().Run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%q was accepted", args)
		}
	}
}

// A worker that never has all handlers at once has not reached its target, however soon it was there.
func TestJudgeRamp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		climbs []climb
		want   float64
	}{
		{[]climb{{0.2, 20}, {0.4, 20}, {0.3, 20}}, 0.3},
		{[]climb{{0.2, 20}, {0.4, 19}, {0.3, 20}}, math.Inf(1)},
	} {
		b := tiny(t, io.Discard)
		b.judgeClimbs("ramp", c.climbs)
		if got, _ := b.report.Reached("ramp"); got != c.want {
			t.Errorf("%v: ratio %v, want %v", c.climbs, got, c.want)
		}
	}
}

// Of the loads with as many handlers, the worst is judged.
func TestJudgeWorst(t *testing.T) {
	t.Parallel()
	b := tiny(t, io.Discard)
	for i, full := range []float64{10, 8, 9} {
		b.judgeWorst(load{64, time.Duration(i)}, counted{received: []float64{full}, deleted: []float64{10}, requests: []float64{3 / full}})
	}
	b.judgeWorst(load{64, time.Hour}, counted{received: []float64{math.NaN()}, deleted: []float64{math.NaN()}, requests: []float64{math.NaN()}})
	b.judgeWorst(load{10, 0}, counted{received: []float64{1}, deleted: []float64{1}, requests: []float64{3}})
	for key, want := range map[string]float64{"received 64": 0.8, "deleted 64": 1, "requests 64": 0.375 / frugal, "received 10": 0.1} {
		if got, _ := b.report.Reached(key); math.Abs(got-want) > 1e-9 {
			t.Errorf("%s: ratio %v, want %v", key, got, want)
		}
	}
}

// In every round each caller has its turn, and each begins one; the first round does not count.
func TestRace(t *testing.T) {
	t.Parallel()
	b := tiny(t, io.Discard)
	var turns []string
	all, err := b.race([]caller{{name: "x"}, {name: "y"}}, 2, func(c caller, s *series) error {
		turns = append(turns, c.name)
		s.add(spent{elapsed: time.Duration(len(turns)) * time.Second}, 1)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"x", "y", "y", "x", "x", "y"}; !slices.Equal(turns, want) {
		t.Errorf("the turns were %v, want %v", turns, want)
	}
	if !slices.Equal(all[0].elapsed, []float64{4, 5}) || !slices.Equal(all[1].elapsed, []float64{3, 6}) {
		t.Errorf("got %v and %v", all[0].elapsed, all[1].elapsed)
	}
}
