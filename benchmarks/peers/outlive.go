package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/remote"
	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/sdk"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// pair is how many workers of a kind share the queue: one alone may be too busy to meet its own messages again.
const pair = 2

// outlived is what became of messages whose handlers outlive the visibility timeout, a value a round.
type outlived struct{ begun, perMessage, again, most, left []float64 }

func (o *outlived) add(a account) {
	o.begun = append(o.begun, float64(a.begun))
	o.perMessage = append(o.perMessage, float64(a.calls)/float64(a.begun))
	o.again = append(o.again, float64(a.again))
	o.most = append(o.most, float64(a.most))
	o.left = append(o.left, float64(a.sent-a.begun))
}

// outlive counts how often messages are handled again while a handler still has them. There is next to nothing to
// compute, so all peers are measured at once.
func (b *bench) outlive() error {
	s, err := remote.Start(b.ctx)
	if err != nil {
		return err
	}
	defer s.Stop()
	some, names := b.those("outlive")
	all := make([]outlived, len(some))
	err = b.atOnce("outlive", names, func(i int) error { return b.outlasting(s, some[i], &all[i]) })
	if err != nil {
		return err
	}
	o := b.plan.outlive
	t := b.report.Table(fmt.Sprintf("Handlers of %v, visibility timeout of %v: %d messages, %d workers of a kind, until all are deleted, at most %v",
		o.takes, o.visibility, o.messages, pair, o.limit),
		"worker", "messages begun", "not begun", "handled again", "calls a message", "most calls for one")
	for i, x := range all {
		t.Row(names[i], report.Whole(stats.Median(x.begun)), report.Whole(stats.Median(x.left)), report.Whole(stats.Median(x.again)),
			report.Ratio(stats.Median(x.perMessage)), report.Whole(stats.Median(x.most)))
		x.note(b.report, names[i])
		b.judgeOutlived(names[i], x)
	}
	b.plotOutlive()
	return nil
}

// atOnce has all competitors take their turns at the same time, in each round. One that fails is skipped aloud, and
// is out for the rest of the measure; with none left the measure has failed.
func (b *bench) atOnce(what string, names []string, turn func(i int) error) error {
	out := make([]error, len(names))
	for round := range b.plan.rounds {
		b.progress("%s, round %d of %d", what, round+1, b.plan.rounds)
		var wg sync.WaitGroup
		was := append([]error(nil), out...)
		for i := range names {
			if was[i] == nil {
				wg.Go(func() { out[i] = turn(i) })
			}
		}
		wg.Wait()
		if b.ctx.Err() != nil {
			return b.ctx.Err()
		}
		left := len(names)
		for i, err := range out {
			if err != nil {
				left--
			}
			if err != nil && was[i] == nil {
				b.report.Skip(fmt.Sprintf("%s in %s", names[i], what), err)
			}
		}
		if left == 0 {
			return errors.New("all have failed")
		}
	}
	return nil
}

// outlasting is a round of one peer.
func (b *bench) outlasting(s *remote.Server, p peer, o *outlived) (err error) {
	plan := b.plan.outlive
	queue, drop, err := b.queue(s, plan.visibility)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, drop()) }()
	if err := s.Number(b.ctx, queue, plan.messages, bodySize); err != nil {
		return err
	}
	count := newTally(plan.messages)
	over, end := context.WithCancel(b.ctx)
	h := func(ctx context.Context, body string) error {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		defer context.AfterFunc(over, stop)()
		err := counted(ctx, count, body, plan.takes)
		if over.Err() != nil {
			return nil // all is counted, and nobody waits for the last ones or wants them again
		}
		return err
	}
	var both [pair]*running
	for i := range both {
		both[i] = b.begin(p, s, queue, 0, h)
	}
	defer func() {
		end()
		for _, r := range both {
			r.stop()
		}
		for _, r := range both {
			err = errors.Join(err, r.end())
		}
	}()
	for started := time.Now(); time.Since(started) < plan.limit; {
		if err := both[0].during(b.ctx, 50*time.Millisecond); err != nil {
			return err
		}
		done, err := b.empty(s, queue)
		if err != nil {
			return err
		}
		if done {
			break
		}
	}
	o.add(count.account())
	return nil
}

// counted is a handler that takes a while and is counted.
func counted(ctx context.Context, t *tally, body string, takes time.Duration) error {
	n, _, err := remote.Read(body)
	if err != nil {
		return err
	}
	if err := t.begin(n); err != nil {
		return err
	}
	if err := sdk.Rest(ctx, takes); err != nil {
		return err
	}
	return t.end(n)
}
