package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"
)

// Batch makes a Handler that gathers messages, decoded as JSON, and calls f with
// several at once: as soon as it has size of them, or when the first has waited
// for wait. A message that finds no company is a batch by itself. With a wait of
// 0 nothing waits.
//
// What gathers is concurrent calls of Handle. So [Options].Concurrency must be
// at least size for batches to be full, and several times that for one to gather
// while others run: f is called by several goroutines at once. A worker handles
// the messages of a FIFO group one after another, so a batch holds at most one
// of each group.
//
// Messages that gather count as running: their leases go on, and a drain waits
// for them without hurrying them, so wait belongs well below
// [Options].DrainTimeout.
//
// f returns one error for each value, in the order of the values, or nil if all
// are done. Each is the outcome of its own message, as if a handler had returned
// it: nil, [RetryAfter], [Discard] and so on. If there are more or fewer errors
// than values, none counts as done: all messages fail. So they do, with a
// *[PanicError], if f panics. A body that cannot be decoded fails alone, with a
// *[DecodeError], and f does not see it.
//
// f's context carries the values of the first message's context, but no message:
// [FromContext] reports false. [BatchMessages] returns all messages, and
// [BatchContexts] the context of each, with what middleware has put there.
//
// A message whose context is cancelled (its lease is lost, the worker drains,
// its time is over) leaves a batch that has not begun, at once and unhandled; its
// error is the cause. One whose batch has begun waits for f, as the others do.
// f's context is cancelled when those of all its messages are, with the cause of
// the last: what ends one message is no reason to undo the work on the others. An
// f that can leave one message out looks at that one's context.
//
// A size below 1, a negative wait and a nil f are reported by [Worker.Run].
func Batch[T any](size int, wait time.Duration, f func(ctx context.Context, vs []T) []error) Handler {
	return newBatcher("Batch", size, wait, f, func(m *Message, v *T) error {
		if err := json.Unmarshal([]byte(m.Body), v); err != nil {
			return &DecodeError{Type: reflect.TypeFor[T]().String(), Err: err}
		}
		return nil
	})
}

// Gather is [Batch] for messages as they are, whatever their bodies hold. Those that f is
// called with are what [BatchMessages] returns.
func Gather(size int, wait time.Duration, f func(ctx context.Context, ms []*Message) []error) Handler {
	return newBatcher("Gather", size, wait, f, func(m *Message, v **Message) error { *v = m; return nil })
}

func newBatcher[T any](name string, size int, wait time.Duration, f func(context.Context, []T) []error, decode func(*Message, *T) error) *batcher[T] {
	var wrong []error
	if size < 1 {
		wrong = append(wrong, fmt.Errorf("worker: %s: size is %d, want 1 or more", name, size))
	}
	if wait < 0 {
		wrong = append(wrong, fmt.Errorf("worker: %s: wait is %v, want 0 or more", name, wait))
	}
	if f == nil {
		wrong = append(wrong, fmt.Errorf("worker: %s: the function is nil", name))
	}
	return &batcher[T]{size: size, wait: wait, f: f, decode: decode, wrong: errors.Join(wrong...)}
}

// BatchMessages returns the messages behind the values that the function given
// to [Batch] or [Gather] was called with, in the order of these; nil outside of one. The
// slice must not be changed.
func BatchMessages(ctx context.Context) []*Message {
	b, _ := ctx.Value(gatheredKey{}).(*gathered)
	if b == nil {
		return nil
	}
	return b.messages
}

// BatchContexts returns the contexts with which the messages of [BatchMessages]
// came, in the same order: for the values that middleware has put there, such as
// a trace, and to see that one message was cancelled ([context.Cause] says why).
// The slice must not be changed.
func BatchContexts(ctx context.Context) []context.Context {
	b, _ := ctx.Value(gatheredKey{}).(*gathered)
	if b == nil {
		return nil
	}
	return b.contexts
}

type gatheredKey struct{}

// gathered is what the context of a batch carries.
type gathered struct {
	messages []*Message
	contexts []context.Context
}

// validate reports what is wrong with the arguments of Batch or Gather.
func (h *batcher[T]) validate() error { return h.wrong }

// Handle has m handled in a batch.
func (h *batcher[T]) Handle(ctx context.Context, m *Message) error {
	if h.wrong != nil {
		return h.wrong
	}
	p := &part[T]{ctx: ctx, message: m}
	if err := h.decode(m, &p.value); err != nil {
		return err
	}
	if known, _ := FromContext(ctx); known != m {
		p.ctx = withMessage(ctx, m) // called without a worker
	}
	b := h.join(p)
	select {
	case <-b.answered:
	case <-ctx.Done():
		if !h.leave(b, p) {
			<-b.answered
		}
	}
	return p.err
}
