package worker

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// A batcher is the handler that Batch and Gather make. Of its batches at most one gathers;
// any number of others run.
//
// It has no goroutine and no timer while it is empty. One timer is armed while a
// batch gathers. A batch runs on the goroutine of its timer, or, if it was full
// before, on one that the last to join starts; all its parts wait for either.
type batcher[T any] struct {
	size   int
	wait   time.Duration
	f      func(context.Context, []T) []error
	decode func(*Message, *T) error
	wrong  error // with its set-up

	mu   sync.Mutex
	open *batch[T] // gathers; nil if none does
}

// A batch gathers, then runs, then is answered, unless all have left it before.
// Its fields are guarded by batcher.mu; but once it has begun, only alive changes.
type batch[T any] struct {
	parts    []*part[T]
	timer    *time.Timer // has it begin; nil if nothing ever waited
	begun    bool
	answered chan struct{} // closed once all parts have their errors

	ctx    context.Context // f's, once it has begun
	cancel context.CancelCauseFunc
	alive  int // parts whose contexts are not known to be cancelled
}

// A part is one call of Handle. Its err is set by whoever takes it out of its
// batch, under batcher.mu, or else before answered is closed.
type part[T any] struct {
	ctx     context.Context
	message *Message
	value   T
	err     error
}

// join puts p into the batch that gathers, and has that begin if p was what it
// waited for.
func (h *batcher[T]) join(p *part[T]) *batch[T] {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.open == nil {
		h.open = &batch[T]{answered: make(chan struct{})}
	}
	b := h.open
	b.parts = append(b.parts, p)
	if !h.completeLocked(b) {
		if b.timer == nil {
			b.timer = time.AfterFunc(h.wait, func() { h.due(b) })
		}
		return b
	}
	b.dropCancelledLocked()
	if len(b.parts) == 0 {
		h.closeLocked(b)
	} else if h.completeLocked(b) {
		h.beginLocked(b)
		go h.run(b)
	}
	return b
}

// completeLocked reports whether b waits for nothing more. h.mu must be held.
func (h *batcher[T]) completeLocked(b *batch[T]) bool {
	return len(b.parts) >= h.size || h.wait == 0
}

// due is called when the first of b has waited for long enough.
func (h *batcher[T]) due(b *batch[T]) {
	if h.beginDue(b) {
		h.run(b)
	}
}

func (h *batcher[T]) beginDue(b *batch[T]) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.open != b {
		return false // it was full, or empty, just before
	}
	b.dropCancelledLocked()
	if len(b.parts) == 0 {
		h.closeLocked(b)
		return false
	}
	h.beginLocked(b)
	return true
}

// beginLocked ends the gathering of b, which has parts. h.mu must be held.
func (h *batcher[T]) beginLocked(b *batch[T]) {
	h.closeLocked(b)
	b.begun, b.alive = true, len(b.parts)
	all := &gathered{messages: make([]*Message, len(b.parts)), contexts: make([]context.Context, len(b.parts))}
	for i, p := range b.parts {
		all.messages[i], all.contexts[i] = p.message, p.ctx
	}
	ctx := context.WithValue(context.WithoutCancel(b.parts[0].ctx), contextKey{}, nil)
	b.ctx, b.cancel = context.WithCancelCause(context.WithValue(ctx, gatheredKey{}, all))
}

// closeLocked lets nobody join b any more. h.mu must be held.
func (h *batcher[T]) closeLocked(b *batch[T]) {
	h.open = nil
	if b.timer != nil {
		b.timer.Stop()
	}
}

// dropCancelledLocked takes those out of b that are about to leave it.
// batcher.mu must be held.
func (b *batch[T]) dropCancelledLocked() {
	b.parts = slices.DeleteFunc(b.parts, func(p *part[T]) bool {
		if p.ctx.Err() == nil {
			return false
		}
		p.err = p.left()
		return true
	})
}

// leave takes p, whose context is cancelled, out of b. It reports false if b has
// begun: then p waits for the answer, and f hears of it if p was the last alive.
func (h *batcher[T]) leave(b *batch[T], p *part[T]) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	i := slices.Index(b.parts, p)
	if i < 0 {
		return true // dropped already
	}
	if b.begun {
		if b.alive--; b.alive == 0 {
			b.cancel(context.Cause(p.ctx))
		}
		return false
	}
	p.err = p.left()
	b.parts = slices.Delete(b.parts, i, i+1)
	if len(b.parts) == 0 {
		h.closeLocked(b)
	}
	return true
}

func (p *part[T]) left() error { return fmt.Errorf("wait for batch: %w", context.Cause(p.ctx)) }

// run calls f and answers all parts of b, however f ends.
func (h *batcher[T]) run(b *batch[T]) {
	values := make([]T, len(b.parts))
	for i, p := range b.parts {
		values[i] = p.value
	}
	var errs []error
	failure := errExited
	defer func() {
		if v := recover(); v != nil {
			failure = &PanicError{Value: v, Stack: debug.Stack()}
		}
		b.answer(errs, failure)
	}()
	errs = h.f(b.ctx, values)
	failure = nil
	if errs != nil && len(errs) != len(b.parts) {
		failure = fmt.Errorf("worker: the batch function returned %d errors for %d messages", len(errs), len(b.parts))
	}
}

// answer gives the parts of b their errors: failure to all, or else those in
// errs, if it is not nil.
func (b *batch[T]) answer(errs []error, failure error) {
	for i, p := range b.parts {
		switch {
		case failure != nil:
			p.err = failure
		case errs != nil:
			p.err = errs[i]
		}
	}
	b.cancel(nil)
	close(b.answered)
}
