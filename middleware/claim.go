package middleware

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/quayside-go/quayside/worker"
)

// storeTimeout is how long a call of a Store may take.
const storeTimeout = 5 * time.Second

// claim is a message's hold on its key.
type claim struct {
	*idempotent
	message *worker.Message
	record  Record
	free    time.Time // when others may have it, unless it is renewed
}

func (g *idempotent) newClaim(m *worker.Message, key string) *claim {
	prefix := g.opts.Prefix
	if prefix == "" {
		prefix = m.Queue
	}
	r := Record{ID: prefix + "#" + key, Status: InProgress, Owner: rand.Text()}
	if g.opts.Validation != nil {
		r.Validation = g.opts.Validation(m)
	}
	return &claim{idempotent: g, message: m, record: r}
}

// lasting returns the record of the claim as of now.
func (c *claim) lasting() Record {
	r, now := c.record, time.Now()
	r.InProgressExpiration = now.Add(c.opts.LockFor).UnixMilli()
	r.Expiration = now.Add(max(c.opts.Keep, c.opts.LockFor)).Unix()
	return r
}

// begin returns what the store has: the claim, or what is in its way. After an error it
// is not known whether the claim was made, so it is released; if that fails too, the
// error says enough.
func (c *claim) begin(ctx context.Context) (held Record, err error) {
	r := c.lasting()
	c.free = freeAt(r)
	err = c.ask(ctx, "claim", func(ctx context.Context) (err error) {
		held, err = c.store.Claim(ctx, r)
		return err
	})
	if err != nil {
		_ = c.giveUp(ctx)
	}
	return held, err
}

// handle calls the handler, and ends the claim however that returns.
func (c *claim) handle(ctx context.Context, next worker.Handler) (err error) {
	returned := false // a panic and runtime.Goexit go by the deferred function too
	inner, cancel := context.WithCancelCause(ctx)
	stop := c.renew(inner, cancel)
	defer func() {
		stop()
		cancel(nil)
		if returned {
			c.report(ctx, c.message, c.end(ctx, err))
		} else {
			c.report(ctx, c.message, c.giveUp(ctx))
		}
	}()
	err = next.Handle(inner, c.message)
	returned = true
	return err
}

// renew has the claim last until stop is called, which returns when nothing is under
// way any more. If it is lost, cancel is called.
func (c *claim) renew(ctx context.Context, cancel context.CancelCauseFunc) (stop func()) {
	ctx, halt := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	var m *worker.Message
	if c.opts.OnError != nil {
		m = copyOf(c.message)
	}
	go func() {
		defer close(ended)
		if c.keep(ctx, m) == ErrClaimLost {
			cancel(ErrClaimLost)
		}
	}()
	return func() {
		halt()
		<-ended
	}
}

// keep renews the claim until ctx ends or the claim is lost. m is for OnError.
func (c *claim) keep(ctx context.Context, m *worker.Message) error {
	t := time.NewTicker(max(c.opts.LockFor/3, time.Millisecond))
	defer t.Stop()
	for {
		if err := c.extend(ctx, t.C, m); err != nil {
			return err
		}
	}
}

// extend renews the claim once, at a tick. It returns ErrClaimLost if the store says that
// the claim is lost, or has not taken the renewal by when the claim runs out.
func (c *claim) extend(ctx context.Context, tick <-chan time.Time, m *worker.Message) error {
	held, done := context.WithDeadlineCause(ctx, c.free, ErrClaimLost)
	defer done()
	for {
		select {
		case <-tick:
		case <-held.Done():
			return context.Cause(held)
		}
		r := c.lasting()
		err := c.ask(held, "renew", func(ctx context.Context) error { return c.store.Update(ctx, r) })
		if ctx.Err() == nil {
			c.report(ctx, m, err)
		}
		switch {
		case err == nil:
			c.free = freeAt(r)
			return nil
		case errors.Is(err, ErrClaimLost):
			return ErrClaimLost
		}
	}
}

// freeAt is when others may have the claim r: see Record.Free.
func freeAt(r Record) time.Time { return time.UnixMilli(r.InProgressExpiration + 1) }

// end completes the claim if the message is done, and releases it otherwise.
func (c *claim) end(ctx context.Context, returned error) error {
	data, done := remember(worker.OutcomeOf(ctx, returned), returned)
	if !done {
		return c.giveUp(ctx)
	}
	r := c.record
	r.Status, r.Data, r.Expiration = Completed, data, time.Now().Add(c.opts.Keep).Unix()
	return c.ask(context.WithoutCancel(ctx), "complete", func(ctx context.Context) error {
		return c.store.Update(ctx, r)
	})
}

// giveUp releases the claim.
func (c *claim) giveUp(ctx context.Context) error {
	return c.ask(context.WithoutCancel(ctx), "release", func(ctx context.Context) error {
		return c.store.Release(ctx, c.record)
	})
}

// ask calls the store. A panic in it is an error like any other.
func (c *claim) ask(ctx context.Context, what string, call func(context.Context) error) (err error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	defer func() {
		if v := recover(); v != nil {
			err = &worker.PanicError{Value: v, Stack: debug.Stack()}
		}
		if err != nil {
			err = fmt.Errorf("idempotency store: %s %q: %w", what, c.record.ID, err)
		}
	}()
	return call(ctx)
}

func (c *claim) report(ctx context.Context, m *worker.Message, err error) {
	if err != nil && c.opts.OnError != nil {
		c.opts.OnError(ctx, m, err)
	}
}

// copyOf returns what can be told of m while its handler may be changing it.
func copyOf(m *worker.Message) *worker.Message {
	return &worker.Message{
		Queue: m.Queue, ID: m.ID, Body: m.Body, Type: m.Type, Group: m.Group, DeduplicationID: m.DeduplicationID,
		Receives: m.Receives, Attempts: m.Attempts, SentAt: m.SentAt, ReceivedAt: m.ReceivedAt, Attributes: m.Attributes,
	}
}
