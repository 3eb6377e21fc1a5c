package producer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/quayside-go/quayside/internal/attr"
)

// ErrClosed is the answer to what is sent once Close was called. The errors of earlier
// messages that Close cut short hold it, and say whether the message may have been
// sent.
var ErrClosed = errors.New("producer: closed")

// Producer sends messages to one queue. It is made by [New]; its methods may be
// called by several goroutines at once.
type Producer struct {
	client Client
	queue  string // as given: name or URL
	name   string
	fifo   bool
	opts   Options
	wrong  error // with the arguments of New

	// base is the context of requests, which serve many callers and so have
	// none of theirs; cancel ends them when Close has waited long enough.
	base   context.Context
	cancel context.CancelFunc

	mu     sync.Mutex
	url    string
	closed bool
	idle   chan struct{} // made by Close; closed when nothing is left
	rested bool          // it is closed
	cut    bool          // Close has waited long enough
	lost   CloseError    // what that has cost

	room    list  // messages that wait for room, in the order of their calls
	pending int   // messages admitted and not done with
	bytes   int64 // of them

	open     line             // of a standard queue
	groups   map[string]*line // of a FIFO queue: those that have messages, or are in a request
	most     int              // of them
	ready    lines            // from which the next request takes
	count    int              // messages in them
	size     int              // and their bytes
	later    dues             // until they are due
	stale    []*Pending       // given up while they were ready, to be announced
	unwanted chan struct{}    // closed when nobody waits for the queue to be found any more
	senders  int              // requests under way, each with a goroutine
	looking  int              // of these goroutines: looking for the next batch
	telling  int              // goroutines that announce
	calls    int              // of SendAll that have more messages to give
	latest   time.Time        // when the last of them left
	watches  map[<-chan struct{}]*watch

	width    int       // requests that may be under way at once
	failures int       // requests in a row that failed, since the last hold
	holds    int       // in a row
	held     time.Time // when the last of them began
	resume   time.Time // when the next may leave; zero: now
	timer    *time.Timer
	armed    time.Time // when it fires; zero: it does not
}

// New makes a producer for queue, given by its name or by its URL (whatever
// contains "://"). It makes no request; the first Send finds the queue, and
// reports what is wrong with the arguments.
func New(c Client, queue string, opts ...func(*Options)) *Producer {
	p := &Producer{client: c, queue: queue, name: attr.QueueName(queue), fifo: attr.IsFIFO(queue)}
	if strings.Contains(queue, "://") {
		p.url = queue
	}
	p.opts, p.wrong = newOptions(opts)
	p.width = p.opts.Concurrency
	if v := reflect.ValueOf(c); c == nil || v.Kind() == reflect.Pointer && v.IsNil() || queue == "" {
		p.wrong = errors.Join(errors.New("a producer needs a client and a queue"), p.wrong)
	}
	p.base, p.cancel = context.WithCancel(context.Background())
	return p
}

// Queue returns the name of the queue that p sends to.
func (p *Producer) Queue() string { return p.name }

// For returns a function that sends values of type T as JSON, in messages of the
// given type.
func For[T any](p *Producer, typ string) func(context.Context, T) (Sent, error) {
	return func(ctx context.Context, v T) (Sent, error) {
		m := JSON(v)
		m.Type = typ
		return p.Send(ctx, m)
	}
}

// Send sends m, together with the messages of other callers if there are any,
// and returns when SQS has answered.
//
// A nil error means that SQS has stored the message. What SQS says against the
// message is found in the error by errors.As with a smithy.APIError. If there is
// no such queue, the error tells its name, region and endpoint as far as they
// are known, and holds a *types.QueueDoesNotExist. A message that SQS would refuse
// whatever the queue is refused at once, without a request.
//
// If ctx ends first, Send returns its error at once. The message then is not sent if no
// request has it; otherwise it may have been, and the error's text says so.
//
// Calls of Send that follow one another for the same group of a FIFO queue send
// in that order. A message that is refused does not hold back the next.
func (p *Producer) Send(ctx context.Context, m Message) (Sent, error) {
	c := p.begin(ctx, m)
	defer c.told() // whatever panics
	if !c.answered {
		if p.offer(ctx, c, true) {
			p.solo(ctx, c)
		}
		p.await(ctx, c)
	}
	return c.answer()
}

// begin makes a message's Pending, whose answer is there already if the message is not to
// be sent: it is wrong, the middleware is against it, or ctx has ended.
func (p *Producer) begin(ctx context.Context, m Message) *Pending {
	c := &Pending{p: p, message: m, done: make(chan struct{})}
	if err := p.accept(ctx, c); err != nil {
		c.answerLocked(Sent{}, attr.Unsent(err))
		close(c.done)
	}
	return c
}

func (p *Producer) accept(ctx context.Context, c *Pending) (err error) {
	if p.wrong != nil {
		return p.wrong
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("not sent: %w", err)
	}
	m := &c.message
	m.Attributes, m.queue = maps.Clone(m.Attributes), p.name
	if c.tell, err = p.prepare(ctx, m); err != nil {
		return err
	}
	m.addType()
	if err := m.check(p.fifo); err != nil {
		return err
	}
	c.size = m.size()
	return nil
}

// await waits until c is answered. If ctx ends first, it gives it up.
func (p *Producer) await(ctx context.Context, c *Pending) {
	select {
	case <-c.done:
	case <-ctx.Done():
		p.abandon(c, ctx.Err())
	}
}
