package middleware

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/quayside-go/quayside/internal/attr"
	"github.com/quayside-go/quayside/worker"
)

// Defaults of IdempotentOptions.
const (
	// DefaultKeep is longer than SQS keeps a message invisible, which is 12 hours.
	DefaultKeep    = 24 * time.Hour
	DefaultLockFor = time.Minute
)

// ErrKeyReused is why [Idempotent] dead-letters a message: another message had the same
// key, and IdempotentOptions.Validation says that they are different.
var ErrKeyReused = errors.New("middleware: another message, with other contents, had the same idempotency key")

// IdempotentOptions are what Idempotent's functions may change.
type IdempotentOptions struct {
	// Key returns what is the same for all copies of a message, and different for all
	// that is to be handled separately. With "" the message is handled as if there were
	// no Idempotent; with an error it is not handled, and fails with that.
	//
	// Default: on a FIFO queue, group and deduplication id, if the sender has set it;
	// otherwise SQS's message id. A deduplication id that SQS or payload.Offload made of
	// the body is not used: within Keep, two messages may well say the same and be two.
	// Senders that use a deduplication id again on purpose, once SQS has forgotten it after
	// 5 minutes, need a Key: until Keep is over, the second message would be taken for a
	// copy of the first.
	Key func(*worker.Message) (string, error)

	// Prefix keeps the keys of different handlers apart: records have the ID
	// Prefix + "#" + key. Default, and meaning of "": the name of the queue.
	Prefix string

	// Validation, if not nil, returns a digest of what must be the same in all
	// messages of one key. One that differs from what the record has is not handled
	// and goes the way of worker.DeadLetter, with ErrKeyReused. "" is not compared.
	Validation func(*worker.Message) string

	// Keep is how long it is remembered that a message is done. A copy that comes
	// later is handled again. Records count in whole seconds. Default, and meaning of
	// 0: DefaultKeep.
	Keep time.Duration

	// LockFor is how long a claim lasts that is not renewed. While the handler runs it
	// is, every third of that time; so LockFor need not be longer than handlers run. It
	// is how long, after a crash, the message waits for the claim to run out. Default,
	// and meaning of 0: DefaultLockFor.
	LockFor time.Duration

	// OnError, if not nil, is told of errors of the store that do not fail the message:
	// the claim could not be renewed, completed or released. It may be called by many
	// goroutines at once. While the handler runs, m is a copy of the message's fields: the
	// message is the handler's. A panic in OnError is not recovered.
	OnError func(ctx context.Context, m *worker.Message, err error)
}

// Idempotent has each message handled once, as far as the store knows: it claims the
// message's key before the handler is called, and remembers afterwards that it is done.
//
//	the store has      what happens
//	nothing            the handler is called
//	done               nil, and the handler is not called
//	discarded          worker.Discard with the same text, likewise
//	a claim            worker.Snooze until it runs out: 1 second to LockFor
//	an error           the message fails with it, and the handler is not called
//
//	the handler        what is stored
//	nil                done, for Keep
//	worker.Discard     discarded, for Keep
//	any other error    nothing: the claim is released, and the message handled again
//	a panic            the same
//
// If the store fails once the handler has returned, that does not change what becomes of
// the message: it has had its effect, and another try would repeat it. The claim is left
// to run out, so that copies wait for that long, and are handled then. OnError is told.
//
// A handler whose claim is lost has its context cancelled with [ErrClaimLost]: the claim
// could not be renewed in time, and a copy may be handled by now. What it returns still
// counts for its message, but the record is that of the other.
//
// A copy that waits for a claim costs a receive each time, as SQS counts them for a
// redrive policy. On a FIFO queue its group waits with it.
//
// A message that is done is remembered also if the handler's context was cancelled. Still
// this makes repeats rare and not impossible: a process can die after the effect and
// before it is remembered.
//
// While a handler runs, a goroutine renews its claim; it ends before Handle returns. Each
// call of the store has 5 seconds.
func Idempotent(store Store, opts ...func(*IdempotentOptions)) worker.Middleware {
	var o IdempotentOptions
	for _, f := range opts {
		if f != nil {
			f(&o)
		}
	}
	if o.Key == nil {
		o.Key = senderKey
	}
	if o.Keep <= 0 {
		o.Keep = DefaultKeep
	}
	if o.LockFor <= 0 {
		o.LockFor = DefaultLockFor
	}
	g := &idempotent{store: store, opts: o}
	return func(next worker.Handler) worker.Handler {
		return worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
			return g.handle(ctx, m, next)
		})
	}
}

type idempotent struct {
	store Store
	opts  IdempotentOptions
}

func (g *idempotent) handle(ctx context.Context, m *worker.Message, next worker.Handler) error {
	if g.store == nil {
		return errors.New("middleware: Idempotent: the store is nil")
	}
	key, err := g.opts.Key(m)
	if err != nil {
		return fmt.Errorf("idempotency key: %w", err)
	}
	if key == "" {
		return next.Handle(ctx, m)
	}
	c := g.newClaim(m, key)
	held, err := c.begin(ctx)
	if err != nil {
		return err
	}
	if held.Owner == c.record.Owner {
		return c.handle(ctx, next)
	}
	return g.conflict(held, c.record)
}

// conflict is what becomes of a message that found a record in its way.
func (g *idempotent) conflict(held, wanted Record) error {
	if held.Validation != "" && wanted.Validation != "" && held.Validation != wanted.Validation {
		return worker.DeadLetter(fmt.Errorf("%w: %q", ErrKeyReused, held.ID))
	}
	switch held.Status {
	case Completed:
		return recall(held.Data)
	case InProgress:
		left := g.opts.LockFor
		if held.InProgressExpiration != 0 {
			left = min(left, time.Until(freeAt(held)))
		}
		return worker.Snooze(max(left, time.Second))
	}
	return fmt.Errorf("middleware: Idempotent: the record %q has status %q", held.ID, held.Status)
}

// senderKey is the default of IdempotentOptions.Key. The group is part of it as queues
// may tell duplicates within a group only. SQS allows no space in either.
func senderKey(m *worker.Message) (string, error) {
	if m.DeduplicationID == "" || m.DeduplicationID == contentID(m) || strings.HasPrefix(m.DeduplicationID, attr.BodyID) {
		return m.ID, nil
	}
	return m.Group + " " + m.DeduplicationID, nil
}

// contentID is the deduplication id that SQS makes of the body of m if the queue is set
// so. What other middleware has made of the body does not count.
func contentID(m *worker.Message) string {
	body := m.Body
	if sent := m.SDK().Body; sent != nil {
		body = *sent
	}
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}
