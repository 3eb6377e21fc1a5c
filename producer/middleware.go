package producer

import (
	"context"
	"errors"
)

// Middleware takes part in the sending of a message: it is called with the message
// before anything is done with it, and may change it (its Attributes by
// [Message.SetAttribute]). ctx is that of Send, SendAll or SendAsync, in whose goroutine
// it is called. With an error the message is not sent, and that is its answer.
//
// What it returns besides is called once it is known what became of the message, with
// the answer, and may be nil. The last middleware's is called first. Send and SendAll
// call it before they return; after SendAsync it is called before Pending.Done is closed,
// by a goroutine that has others to answer and so should not be kept: if it sends through
// the same producer, it may wait for room that only such goroutines make. Both may be called
// by many goroutines at once for different messages. A panic in the second, after
// SendAsync, is not recovered.
type Middleware func(ctx context.Context, m *Message) (answered func(Sent, error), err error)

// errUnprepared is what others hear of a message that a middleware was not done with.
var errUnprepared = errors.New("a middleware panicked, or ended its goroutine")

// prepare has the middleware prepare m, and returns what is to be called with the answer.
func (p *Producer) prepare(ctx context.Context, m *Message) (answered func(Sent, error), err error) {
	if len(p.opts.Middleware) == 0 {
		return nil, nil
	}
	var all []func(Sent, error)
	answered = func(s Sent, err error) {
		for _, f := range all {
			defer f(s, err) // all of them, the last first, even if one panics
		}
	}
	returned := false // or it has panicked
	defer func() {
		if !returned {
			answered(Sent{}, errUnprepared)
		}
	}()
	for _, f := range p.opts.Middleware {
		done, err := f(ctx, m)
		if done != nil {
			all = append(all, done)
		}
		if err != nil {
			returned = true
			return answered, err
		}
	}
	returned = true
	return answered, nil
}
