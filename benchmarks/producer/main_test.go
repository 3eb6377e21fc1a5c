package main

import (
	"context"
	"errors"
	"io"
	"math"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/localqueue"
)

// tiny is a run in which everything happens, but not for long.
func tiny(t *testing.T, out io.Writer) *bench {
	return &bench{
		ctx: t.Context(), progress: func(string, ...any) {}, report: &report.Report{Out: out},
		plan: plan{rounds: 2, messages: 500, single: 10},
	}
}

// Every measure writes a table and judges its targets.
func TestMeasures(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	b := tiny(t, &out)
	for _, m := range measures {
		if err := m.Run(b); err != nil {
			t.Fatal(err)
		}
	}
	b.report.Flush()
	for _, x := range targets {
		if got, ok := b.report.Reached(x.Key); !ok || math.IsNaN(got) || math.IsInf(got, 0) {
			t.Errorf("target %q was not judged: %v\n%s", x.Key, got, &out)
		}
	}
}

// A message that is not in the queue afterwards ends the run.
func TestNothingIsLostUnseen(t *testing.T) {
	t.Parallel()
	q := localqueue.New()
	defer q.Close()
	lazy := caller{"lazy", 1, func(ctx context.Context, c client, queue, body string, messages int) error {
		return byAll(ctx, c, queue, body, messages-1)
	}}
	err := tiny(t, io.Discard).round(q, q, lazy, 10, &series{})
	if err == nil || !strings.Contains(err.Error(), "9 of 10 messages") {
		t.Errorf("got %v", err)
	}
}

func TestLoops(t *testing.T) {
	t.Parallel()
	var sent, turns atomic.Int64
	err := loops(3, 25, 10, func(k int) error {
		sent.Add(int64(k))
		turns.Add(1)
		return nil
	})
	if sent.Load() != 25 || turns.Load() != 3 || err != nil {
		t.Errorf("%d messages in %d turns, %v; want 25 in 3", sent.Load(), turns.Load(), err)
	}
	wrong := errors.New("wrong")
	if err := loops(3, 25, 10, func(int) error { return wrong }); !errors.Is(err, wrong) {
		t.Errorf("got %v", err)
	}
}

func TestProgram(t *testing.T) {
	t.Parallel()
	if err := comparison().Check(t.Context()); err != nil {
		t.Error(err)
	}
}
