package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/remote"
	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/sdk"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// sendMany measures senders that are called by many goroutines at once.
func (b *bench) sendMany() error {
	s, err := remote.Start(b.ctx)
	if err != nil {
		return err
	}
	defer s.Stop()
	some, names := b.able()
	for _, away := range b.plan.distances {
		all := make([]cost, len(some))
		what := fmt.Sprintf("send, %v away", away)
		err := b.turns(what, names, func(i int) error {
			return b.sent(s, some[i], away, func(l link, bodies []string, messages *atomic.Int64) error {
				before, err := now(b, s, "control")
				if err != nil {
					return err
				}
				if err := b.crowd(l, bodies, messages); err != nil {
					return err
				}
				after, err := now(b, s, "control")
				if err != nil {
					return err
				}
				all[i].add(before, after, int(messages.Load()))
				return nil
			})
		})
		if err != nil {
			return err
		}
		t := b.report.Table(fmt.Sprintf("%d goroutines that send, %v away: of a message", senders, away), append([]string{"sender"}, costs(names[0])...)...)
		for i := range all {
			t.Row(append([]string{names[i]}, all[i].row(&all[0])...)...)
			all[i].note(b.report, "send", names[i], from(away))
			yard := all[0].requests
			if some[i].together == 1 {
				yard = slices.Repeat([]float64{float64((senders+9)/10) / senders}, len(yard))
			}
			b.judgeRequests("send", names[i], all[i].requests, yard, fmt.Sprintf("%v away", away))
		}
	}
	b.plotSend()
	return nil
}

// crowd has many goroutines send for a while. It returns when the last has its answer.
func (b *bench) crowd(l link, bodies []string, messages *atomic.Int64) error {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	errs := make([]error, senders)
	until := time.Now().Add(b.plan.sending)
	var wg sync.WaitGroup
	for i := range senders {
		wg.Go(func() {
			for errs[i] == nil && time.Now().Before(until) {
				if errs[i] = l.send(ctx, bodies); errs[i] == nil {
					messages.Add(int64(len(bodies)))
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// sendOne measures how long one message takes, after the other.
func (b *bench) sendOne() error {
	s, err := remote.Start(b.ctx)
	if err != nil {
		return err
	}
	defer s.Stop()
	some, names := b.able()
	all := make([][]waits, len(b.plan.distances))
	for d, away := range b.plan.distances {
		all[d] = make([]waits, len(some))
		err := b.turns(fmt.Sprintf("send-one, %v away", away), names, func(i int) error {
			return b.sent(s, some[i], away, func(l link, bodies []string, messages *atomic.Int64) error {
				took, err := b.oneByOne(l, bodies[:1], messages)
				all[d][i].add(took, 0, 0)
				return err
			})
		})
		if err != nil {
			return err
		}
	}
	t := b.report.Table("One message after the other", "away", "sender", "p50", "p99", "p50 x "+names[0])
	for d, away := range b.plan.distances {
		for i, x := range all[d] {
			t.Row(away.String(), names[i], report.Millis(stats.Median(x.p50)), report.Millis(stats.Median(x.p99)), report.Ratio(stats.Ratio(x.p50, all[d][0].p50)))
			x.note(b.report, "send-one", names[i], from(away))
		}
	}
	b.plotWaits("send-one", "One message after the other", "p50")
	return nil
}

// oneByOne sends messages one after the other and returns how long each took.
func (b *bench) oneByOne(l link, body []string, messages *atomic.Int64) (took []float64, err error) {
	for range b.plan.single {
		start := time.Now()
		if err := l.send(b.ctx, body); err != nil {
			return nil, err
		}
		took = append(took, time.Since(start).Seconds())
		messages.Add(1)
	}
	return took, nil
}

// sent is a round of one sender, to a queue of its own, which must hold all messages in the end. send gets the
// bodies that are handed over at once, and counts messages.
func (b *bench) sent(s *remote.Server, by sender, away time.Duration, send func(link, []string, *atomic.Int64) error) (err error) {
	queue, drop, err := b.queue(s, visibility)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, drop()) }()
	over := sdk.Far(away)
	defer over.CloseIdleConnections()
	runtime.GC() // of what was before
	l, err := by.open(b.ctx, sdk.New(s.URL(), over), queue)
	if err != nil {
		return err
	}
	bodies := make([]string, by.together)
	for i := range bodies {
		bodies[i] = strings.Repeat("x", bodySize)
	}
	var messages atomic.Int64
	if err := errors.Join(send(l, bodies, &messages), l.close()); err != nil {
		return err
	}
	c, err := s.Counts(b.ctx, queue)
	if err != nil {
		return err
	}
	if int64(c.Visible) != messages.Load() {
		return fmt.Errorf("%d messages are in the queue, of %d that were sent", c.Visible, messages.Load())
	}
	return nil
}
