package child

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quayside-go/quayside/benchmarks/storage/internal/store"
)

// session is an open store and what it was told to do in the background, until ctx is done.
type session struct {
	store store.Store
	dir   string
	ctx   context.Context
	work  sync.WaitGroup
	err   chan error // of stragglers; nil without them
}

// callers makes an operation a caller.
func (c *session) callers(n int, op func(store.Caller) Operation) []Operation {
	if e, ok := c.store.(store.Expecting); ok {
		e.Expect(n)
	}
	all := make([]Operation, n)
	for i := range all {
		all[i] = op(c.store.Caller())
	}
	return all
}

func (c *session) put(do command) (Spent, error) {
	return Drive(c.callers(do.Callers, func(s store.Caller) Operation {
		return func() (int, error) { return do.Batch, s.Put(do.Batch) }
	}), do.For)
}

// take receives and deletes until no message is left. That moves what was put before, so what bounds it
// is not its time.
func (c *session) take(do command) (Spent, error) {
	return Drive(c.callers(do.Callers, func(s store.Caller) Operation {
		return func() (int, error) {
			n, err := s.Take(do.Batch)
			if err != nil {
				return 0, err
			}
			return n, s.Drop()
		}
	}), do.For)
}

func (c *session) load(do command) (Spent, error) {
	var left atomic.Int64
	left.Store(int64(do.Messages))
	return Drive(c.callers(do.Callers, func(s store.Caller) Operation {
		return func() (int, error) {
			n := min(do.Batch, int(left.Add(-int64(do.Batch)))+do.Batch)
			if n <= 0 {
				return 0, nil
			}
			return n, s.Put(n)
		}
	}), 0)
}

// steady puts, takes and deletes as many, so that the depth stays what it is.
func (c *session) steady(do command) (Spent, error) {
	got, err := Drive(c.callers(do.Callers, func(s store.Caller) Operation {
		return func() (int, error) {
			if err := s.Put(do.Batch); err != nil {
				return 0, err
			}
			n, err := s.Take(do.Batch)
			if err != nil {
				return 0, err
			}
			return n, s.Drop()
		}
	}), do.For)
	select {
	case late := <-c.err:
		err = errors.Join(err, late)
	default:
	}
	return got, err
}

// straggle begins to keep some messages for long: every tenth of a second ten are put and ten are
// received, which are deleted only when do.For has passed. What a store wrote around them is long
// deleted by then.
func (c *session) straggle(do command, _ *answer) error {
	const tick = 100 * time.Millisecond
	held := make([]store.Caller, max(1, do.For/tick))
	for i := range held {
		held[i] = c.store.Caller()
	}
	c.err = make(chan error, 1)
	c.work.Go(func() {
		clock := time.NewTicker(tick)
		defer clock.Stop()
		for i := 0; ; i = (i + 1) % len(held) {
			select {
			case <-c.ctx.Done():
				return
			case <-clock.C:
			}
			if err := turn(held[i]); err != nil {
				c.err <- err
				return
			}
		}
	})
	return nil
}

// turn replaces the messages that a caller holds.
func turn(s store.Caller) error {
	if err := s.Drop(); err != nil {
		return err
	}
	if err := s.Put(10); err != nil {
		return err
	}
	_, err := s.Take(10)
	return err
}

var errCannot = errors.New("this kind of store cannot do that")

func (c *session) fill(do command, _ *answer) error {
	s, ok := c.store.(store.Filling)
	if !ok {
		return errCannot
	}
	return s.Fill(do.State, do.Messages)
}

// serve answers HTTP on loopback until the session ends.
func (c *session) serve(_ command, a *answer) error {
	s, ok := c.store.(interface{ Handler() http.Handler })
	if !ok {
		return errCannot
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	a.Addr = l.Addr().String()
	server := &http.Server{Handler: s.Handler()}
	c.work.Go(func() { _ = server.Serve(l) }) // what goes wrong, its clients see
	context.AfterFunc(c.ctx, func() { _ = server.Close() })
	return nil
}
