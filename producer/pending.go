package producer

import (
	"context"
	"fmt"
	"time"

	"github.com/quayside-go/quayside/internal/attr"
)

// Pending is a message on its way, as [Producer.SendAsync] returns it, and the answer
// to it once that is there.
type Pending struct {
	p       *Producer
	message Message
	size    int

	tell     func(Sent, error) // the middleware's
	async    bool              // whoever answers tells the middleware, not the caller
	admitted chan struct{}     // closed when there is room for it; nil if there was
	done     chan struct{}     // closed once sent and err are set

	// What follows, and sent and err until done is closed, p.mu guards.
	sent       Sent
	err        error
	state      state
	answered   bool
	line       *line // that it waits in, or was taken from
	prev, next *Pending
	watch      *watch // over the context; nil: the caller watches it
	place      int    // there

	since  time.Time // when it was admitted, if Options.Linger is set
	tries  int       // requests that have carried it
	first  time.Time // FIFO: when the first of them began that may have stored it
	alone  bool      // to be sent in a request of its own
	unsure bool      // one of them may have stored it
	last   error     // of the latest of them
}

type state int8

const (
	outside state = iota // not given to the producer yet, or not any more
	queuing              // waits for room
	waiting              // in a line
	flying               // in a request
)

// Done returns a channel that is closed when the message is answered.
func (c *Pending) Done() <-chan struct{} { return c.done }

// Wait waits for the answer, and returns what [Producer.Send] would. If ctx, which
// concerns the waiting alone, ends first, Wait returns its error, and the message is
// still on its way.
func (c *Pending) Wait(ctx context.Context) (Sent, error) {
	select {
	case <-c.done:
		return c.answer()
	default:
	}
	select {
	case <-c.done:
		return c.answer()
	case <-ctx.Done():
		return Sent{}, fmt.Errorf("producer: send to %q: not answered yet: %w", c.p.name, ctx.Err())
	}
}

// answer returns what callers see of the answer, which is there.
func (c *Pending) answer() (Sent, error) {
	if c.err == nil || c.err == ErrClosed {
		return c.sent, c.err
	}
	return c.sent, fmt.Errorf("producer: send to %q: %w", c.p.name, c.err)
}

// answerLocked sets the answer. Who calls it calls announce, when no lock is held.
// p.mu must be held, unless nobody else knows of c.
func (c *Pending) answerLocked(s Sent, err error) {
	c.sent, c.err, c.answered = s, err, true
	if c.watch != nil {
		c.watch.endLocked(c)
	}
}

// announce has the answer heard of, which was set.
func (c *Pending) announce() {
	defer close(c.done) // even if middleware ends the goroutine
	if c.async && c.tell != nil {
		c.tell(c.sent, c.err)
	}
}

// told has the middleware told of the answer, once there is one, by the caller.
func (c *Pending) told() {
	<-c.done
	if c.tell != nil {
		c.tell(c.sent, c.err)
	}
}

// undelivered is the error of a message that is given up for the reason why.
func (c *Pending) undelivered(why error) error {
	text := "not sent"
	if c.unsure {
		text = "unanswered, may have been sent"
	}
	err := fmt.Errorf("%s: %w", text, why)
	if c.last != nil {
		err = fmt.Errorf("%s: %w (try %d: %w)", text, why, c.tries, c.last)
	}
	return c.marked(err)
}

// failed is the error of a message whose last try has failed with err.
func (c *Pending) failed(err error) error {
	if c.unsure {
		err = fmt.Errorf("unanswered, may have been sent: %w", err)
	}
	if c.tries > 1 {
		err = fmt.Errorf("after %d tries: %w", c.tries, err)
	}
	return c.marked(err)
}

// marked returns err, and in it that c was not sent, if no request had it: a client that
// repeats requests by itself may know more of one than its error says.
func (c *Pending) marked(err error) error {
	if c.unsure || c.tries > 0 {
		return err
	}
	return attr.Unsent(err)
}
