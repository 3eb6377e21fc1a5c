package main

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/sdk"
	"github.com/quayside-go/quayside/benchmarks/wire/internal/lean"
)

const (
	parkedLimit   = 30e3            // bytes for each poll, the bound
	parkedBusy    = 0.01            // processor seconds in a second, the bound
	parkedSettle  = 3 * time.Second // what parking them left to collect is collected by then
	parkedWatched = 3 * time.Second
)

// polls are long polls under way, each on a connection of its own.
type polls struct {
	callers  []*caller
	answered atomic.Int64 // with a message
	failed   chan error   // the first
	wg       sync.WaitGroup
}

// parked measures what 10,000 long polls of one queue cost while nothing is sent: memory, connections
// included, and processor time. To prove that they were all there, it then sends a message to each.
func (b *bench) parked() error {
	b.progress("%d parked polls", crowd)
	s, err := b.run(b.quayside)
	if err != nil {
		return err
	}
	defer s.close()
	q, err := s.newQueue(100)
	if err != nil {
		return err
	}
	if err := s.exercise(q); err != nil {
		return err
	}
	before, _, err := s.process.Memory()
	if errors.Is(err, errors.ErrUnsupported) {
		b.report.Skip("parked polls", err)
		return nil
	}
	if err != nil {
		return err
	}

	p := &polls{failed: make(chan error, 1)}
	defer p.end()
	opened, err := p.open(s, q, crowd)
	if err != nil {
		return err
	}
	if err := sdk.Rest(b.ctx, parkedSettle); err != nil {
		return err
	}
	after, _, err := s.process.Memory()
	if err != nil {
		return err
	}
	cpu := s.cpu()
	if err := sdk.Rest(b.ctx, parkedWatched); err != nil {
		return err
	}
	busy := (s.cpu() - cpu).Seconds() / parkedWatched.Seconds()
	if n := p.answered.Load(); n > 0 {
		return fmt.Errorf("%d of %d polls were answered though nothing was sent", n, crowd)
	}
	woke, err := p.wakeAll(s, q)
	if err != nil {
		return err
	}

	each := float64(after-before) / crowd
	t := b.report.Table(fmt.Sprintf("%d parked long polls, a connection each", crowd),
		"memory a poll", "in all", "CPU while parked", "to park them", "to wake them all")
	t.Row(report.Written(each/1e3, "%.1f KB"), report.Megabytes(float64(after)), report.Written(busy*100, "%.2f %%"),
		report.Millis(opened.Seconds()), report.Millis(woke.Seconds()))
	b.report.Note("parked", "quayside", report.Load{}, "resident", "bytes/poll", each)
	b.report.Note("parked", "quayside", report.Load{}, "processor time", "s/s", busy)
	b.report.Note("parked", "quayside", report.Load{}, "to park them", "s", opened.Seconds())
	b.report.Note("parked", "quayside", report.Load{}, "to wake them all", "s", woke.Seconds())
	b.report.Reach("parked memory", report.Written(each/1e3, "%.1f KB"), report.Written(parkedLimit/1e3, "%.0f KB"), each/parkedLimit)
	b.report.Reach("parked CPU", report.Written(busy*100, "%.2f %%"), report.Written(parkedBusy*100, "%.0f %%"), busy/parkedBusy)
	return nil
}

// exercise has the server answer a thousand requests, so that what it keeps from its first ones is not
// taken for what polls cost.
func (s *server) exercise(q *requests) error {
	callers, err := s.callers(loaders)
	defer hangUp(callers)
	if err != nil {
		return err
	}
	point(callers, q)
	_, err = s.drive(callers, 1000, cycle)
	return err
}

// open parks n polls, one after another, and tells how long that took.
func (p *polls) open(s *server, q *requests, n int) (time.Duration, error) {
	start := time.Now()
	callers, err := s.callers(n)
	p.callers = callers
	if err != nil {
		return 0, err
	}
	for _, c := range callers {
		if err := c.conn.Expire(patience); err != nil {
			return 0, err
		}
		if err := c.conn.Send(q.receiveLong); err != nil {
			return 0, err
		}
		p.wg.Go(func() {
			if err := p.await(c); err != nil {
				select {
				case p.failed <- err:
				default: // one is enough
				}
			}
		})
	}
	return time.Since(start), nil
}

// await reads the answer to a poll.
func (p *polls) await(c *caller) error {
	reply, err := c.conn.Receive()
	if err != nil {
		return err
	}
	body, err := succeeded(reply)
	if err != nil {
		return err
	}
	if len(lean.Find(nil, body, "ReceiptHandle")) != 1 {
		return errors.New("a poll ended without a message")
	}
	p.answered.Add(1)
	return nil
}

// wakeAll sends a message for every poll and returns when all have theirs.
func (p *polls) wakeAll(s *server, q *requests) (time.Duration, error) {
	start := time.Now()
	if err := s.load(q, len(p.callers)); err != nil {
		return 0, err
	}
	p.wg.Wait()
	took := time.Since(start)
	select {
	case err := <-p.failed:
		return took, fmt.Errorf("%d of %d parked polls got a message: %w", p.answered.Load(), len(p.callers), err)
	default:
		return took, nil
	}
}

// end hangs up on all polls and waits for their goroutines.
func (p *polls) end() {
	hangUp(p.callers)
	p.wg.Wait()
}
