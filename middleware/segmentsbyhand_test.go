package middleware_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

// hand gives the parts of a payload to a handler, without a worker.
type hand struct {
	handlings
	t     *testing.T
	h     worker.Handler
	body  string
	parts []producer.Message // four
}

func newHand(t *testing.T) *hand {
	h := &hand{t: t, body: strings.Repeat("a", 3000)}
	h.parts = newDock(t, "jobs").cut(1000, h.body)
	h.h = middleware.Segments().Handler(h)
	return h
}

// give gives a part, and returns where its outcome will be.
func (h *hand) give(ctx context.Context, part int) <-chan error {
	outcome := make(chan error, 1)
	m := &worker.Message{Body: h.parts[part].Body, Attributes: h.parts[part].Attributes}
	go func() { outcome <- h.h.Handle(ctx, m) }()
	synctest.Wait()
	return outcome
}

// rest gives the parts from first on.
func (h *hand) rest(first int) (outcomes []<-chan error) {
	for i := first; i < len(h.parts); i++ {
		outcomes = append(outcomes, h.give(h.t.Context(), i))
	}
	return outcomes
}

// are fails the test unless all outcomes are there and as wanted.
func (h *hand) are(want worker.Outcome, outcomes ...<-chan error) {
	h.t.Helper()
	synctest.Wait()
	for i, o := range outcomes {
		select {
		case err := <-o:
			if got := worker.OutcomeOf(context.Background(), err); got != want {
				h.t.Errorf("outcome %d is %s (%v), want %s", i, got, err, want)
			}
		default:
			h.t.Errorf("outcome %d is not there, want %s", i, want)
		}
	}
}

// waits fails the test if one of the outcomes is there.
func (h *hand) waits(outcomes ...<-chan error) {
	h.t.Helper()
	synctest.Wait()
	for i, o := range outcomes {
		if len(o) > 0 {
			h.t.Errorf("outcome %d is there: %v", i, <-o)
		}
	}
}

// Without a worker, as in a test of a handler, parts are joined all the same.
func TestSegmentsByHand(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHand(t)
		oops := errors.New("oops")
		h.answer = func(context.Context, *worker.Message, int) error { return oops }
		for i, o := range h.rest(0) {
			if err := <-o; !errors.Is(err, oops) {
				t.Errorf("the outcome of part %d is %v, want %v", i, err, oops)
			}
		}
		h.saw(t, h.body)
	})
}

// A part whose context ends leaves, and the payload waits for it to come again.
func TestSegmentsLeave(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHand(t)
		gone := errors.New("gone")
		ctx, cancel := context.WithCancelCause(t.Context())
		all := []<-chan error{h.give(t.Context(), 0), h.give(t.Context(), 2)}
		left := h.give(ctx, 1)
		cancel(gone)
		if err := <-left; !errors.Is(err, gone) {
			t.Errorf("the outcome is %v, want %v", err, gone)
		}
		all = append(all, h.give(t.Context(), 3))
		h.waits(all...)
		all = append(all, h.give(t.Context(), 1))
		h.are(worker.Done, all...)
		h.saw(t, h.body)
	})
}

// Parts that have lost their first one wait for it as they would have at the beginning.
func TestSegmentsFirstLeaves(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHand(t)
		ctx, cancel := context.WithCancel(t.Context())
		first, other := h.give(ctx, 0), h.give(t.Context(), 1)
		pass(10 * time.Second)
		cancel()
		pass(time.Second - 1)
		h.are(worker.Failed, first)
		h.waits(other)
		pass(1)
		h.are(worker.Snoozed, other)
	})
}

// When the latest copy of a part leaves, the one before it counts again.
func TestSegmentsCopyLeaves(t *testing.T) {
	for _, part := range []int{0, 1} {
		t.Run(fmt.Sprint(part), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newHand(t)
				ctx, cancel := context.WithCancel(t.Context())
				kept := h.give(t.Context(), part)
				copied := h.give(ctx, part)
				cancel()
				h.are(worker.Failed, copied)
				h.waits(kept)
				h.are(worker.Done, append(h.rest(1+part), h.give(t.Context(), 1-part), kept)...)
				h.saw(t, h.body)
			})
		})
	}
}

// A part whose context ends while the payload is handled has the outcome of that.
func TestSegmentsLeaveLate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHand(t)
		end := make(chan struct{})
		h.answer = func(context.Context, *worker.Message, int) error { <-end; return nil }
		ctx, cancel := context.WithCancel(t.Context())
		all := append([]<-chan error{h.give(ctx, 1), h.give(t.Context(), 0)}, h.rest(2)...)
		cancel()
		h.waits(all...)
		close(end)
		h.are(worker.Done, all...)
	})
}

// What a drain interrupts is no failure of parts that it has not come to yet.
func TestSegmentsInterrupted(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHand(t)
		h.answer = func(ctx context.Context, _ *worker.Message, _ int) error { <-ctx.Done(); return ctx.Err() }
		ctx, cancel := context.WithCancelCause(t.Context())
		first := h.give(ctx, 0)
		rest := h.rest(1)
		cancel(worker.ErrDraining)
		if err := <-first; worker.OutcomeOf(ctx, err) != worker.Released {
			t.Errorf("the outcome of the first part is %v", err)
		}
		h.are(worker.Snoozed, rest...)
	})
}

// ending is a context that has ended, of which nobody has been told yet.
type ending struct{ context.Context }

func (ending) Err() error { return context.Canceled }

// No payload begins with a part whose context has ended.
func TestSegmentsEnding(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHand(t)
		ended := h.give(ending{t.Context()}, 1)
		all := append([]<-chan error{h.give(t.Context(), 0)}, h.rest(2)...)
		h.are(worker.Failed, ended)
		h.waits(all...)
		h.saw(t)
		h.are(worker.Done, append(all, h.give(t.Context(), 1))...)
		h.saw(t, h.body)
	})
}
