package producer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/quayside-go/quayside/internal/attr"
)

// ErrClosed is returned by Send once Close was called. The errors of earlier
// Sends that Close cut short hold it, and say whether the message may have been
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

	// base is the context of requests, which serve many callers and so have
	// none of theirs; cancel ends them when Close has waited long enough.
	base   context.Context
	cancel context.CancelFunc

	mu      sync.Mutex
	url     string
	waiting []*call // in the order of the calls of Send
	senders int     // goroutines, each with at most one request under way
	closed  bool
	idle    chan struct{} // made by Close; closed when the last sender ends
}

// New makes a producer for queue, given by its name or by its URL (whatever
// contains "://"). It makes no request; the first Send finds the queue, and
// reports what is wrong with the arguments.
func New(c Client, queue string, opts ...func(*Options)) *Producer {
	p := &Producer{client: c, queue: queue, name: attr.QueueName(queue), fifo: attr.IsFIFO(queue)}
	for _, f := range opts {
		f(&p.opts)
	}
	p.base, p.cancel = context.WithCancel(context.Background())
	return p
}

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
// are known, and holds a *types.QueueDoesNotExist. After other errors, of the
// network above all, the message may have been stored nevertheless.
//
// If ctx ends first, Send returns its error at once. The message then is not
// sent if its request had not begun; otherwise it may be, and the error's text
// says so.
//
// Calls of Send that follow one another for the same group of a FIFO queue send
// in that order. A message that is refused does not hold back the next.
func (p *Producer) Send(ctx context.Context, m Message) (Sent, error) {
	sent, err := p.send(ctx, m)
	if err != nil && err != ErrClosed {
		err = fmt.Errorf("producer: send to %q: %w", p.name, err)
	}
	return sent, err
}

func (p *Producer) send(ctx context.Context, m Message) (sent Sent, err error) {
	if p.client == nil || p.queue == "" {
		return Sent{}, errors.New("a producer needs a client and a queue")
	}
	if err := ctx.Err(); err != nil {
		return Sent{}, err
	}
	m.Attributes, m.queue = maps.Clone(m.Attributes), p.name
	if len(p.opts.Middleware) == 0 {
		return p.await(ctx, &m)
	}
	var all answers
	defer func() { all.tell(sent, err) }()
	err = errPanicked // if it does not return
	if err = p.prepare(ctx, &m, &all); err == nil {
		sent, err = p.await(ctx, &m)
	}
	return sent, err
}

// await sends m, whose attributes are its own, and waits for the answer.
func (p *Producer) await(ctx context.Context, m *Message) (Sent, error) {
	entry, size := m.entry()
	if err := m.check(p.fifo, size); err != nil {
		return Sent{}, err
	}
	c := &call{message: m, entry: entry, size: size, answered: make(chan struct{})}
	if !p.enqueue(c) {
		return Sent{}, ErrClosed
	}
	select {
	case <-c.answered:
	case <-ctx.Done():
		if p.withdraw(c) {
			return Sent{}, fmt.Errorf("not sent: %w", ctx.Err())
		}
		select {
		case <-c.answered: // both at once: the answer says more
		default:
			return Sent{}, fmt.Errorf("unanswered, may have been sent: %w", ctx.Err())
		}
	}
	return c.sent, c.err
}

// enqueue puts c behind the calls that wait, and sees to it that there is a
// goroutine to send it. It reports false once p is closed.
func (p *Producer) enqueue(c *call) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.waiting = append(p.waiting, c)
	if p.senders < p.limitLocked() {
		p.senders++
		go p.sender()
	}
	return true
}

// withdraw takes c back. It reports false if c is not waiting any more.
func (p *Producer) withdraw(c *call) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.waiting, c)
	if i < 0 {
		return false
	}
	p.waiting = slices.Delete(p.waiting, i, i+1)
	return true
}

// Close sends what is waiting and returns when all of it is answered; from its
// beginning on, Send returns [ErrClosed]. If ctx ends first, Close cancels the
// requests under way, fails what is waiting, both with ErrClosed inside, and
// returns the error of ctx once the last request has ended. Further calls wait
// in the same way.
//
// A producer that is idle holds no goroutine and no timer, so one that is not
// needed any more can be dropped without Close.
func (p *Producer) Close(ctx context.Context) error {
	p.mu.Lock()
	p.closed = true
	if p.idle == nil {
		p.idle = make(chan struct{})
		if p.senders == 0 {
			close(p.idle)
		}
	}
	p.mu.Unlock()
	select {
	case <-p.idle:
		return nil
	case <-ctx.Done():
	}
	select {
	case <-p.idle:
		return nil
	default:
	}
	p.cancel()
	<-p.idle
	return fmt.Errorf("producer: close %q: %w", p.name, ctx.Err())
}
