package worker

import "context"

// A Gate holds polling back: it says when a worker may ask its queue for
// messages, and for how many. It never fails a message. Options.Gates takes any
// number; a receive asks for what all of them let through.
//
// On a FIFO queue, a message that waits behind another of its group asks again when
// its turn comes, and so does one that is tried again without another receive: under
// its lease, it waits for the gates by itself.
//
// What Take lets through is a grant for so many messages. Each message of it ends
// in exactly one of two calls: Done, once it was handled, or Return, if it was
// not (the queue had fewer, or it went back unhandled). The methods are called by
// many goroutines at once.
//
// Ready-made gates: [RateLimit], [NewBreaker], [GateFunc], [Switch]; [PerKey] limits
// what of the received may start.
type Gate interface {
	// Take waits until messages may be received, and returns for how many, at
	// least 1 and at most n. It returns 0 and ctx's error once ctx has ended. It may
	// wait as long as it likes. A receive that waits holds no permit; a message of a
	// FIFO group keeps the one of its group, and goes before receives.
	Take(ctx context.Context, n int) (int, error)
	// Return gives n messages of a grant back unused.
	Return(n int)
	// Done hears that the handler of a message has ended, with err: what it
	// returned, or a *[PanicError]. It must not block. A message that is tried again
	// without another receive has a grant, and a Done, for each time.
	Done(m *Message, err error)
}
