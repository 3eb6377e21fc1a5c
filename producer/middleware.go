package producer

import (
	"context"
	"errors"
	"fmt"
)

// Middleware takes part in the sending of a message: it is called with the message
// before anything is done with it, and may change it (its Attributes by
// [Message.SetAttribute]). ctx is that of Send. With an error the message is not sent,
// and Send returns the error.
//
// What it returns besides is called once it is known what became of the message, with
// what Send returns, and may be nil. The last middleware's is called first. Both may be
// called by many goroutines at once for different messages.
type Middleware func(ctx context.Context, m *Message) (answered func(Sent, error), err error)

// answers are to be told what became of a message.
type answers []func(Sent, error)

// tell calls all of them, the last first, even if one panics.
func (a answers) tell(s Sent, err error) {
	for _, f := range a {
		defer f(s, err)
	}
}

// prepare has the middleware prepare m, and adds to a what is to be told the answer.
func (p *Producer) prepare(ctx context.Context, m *Message, a *answers) error {
	for i, f := range p.opts.Middleware {
		if f == nil {
			return fmt.Errorf("Options.Middleware[%d] is nil", i)
		}
		answered, err := f(ctx, m)
		if answered != nil {
			*a = append(*a, answered)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// errPanicked is what others hear of a message that a middleware was not done with.
var errPanicked = errors.New("a middleware panicked, or ended its goroutine")
