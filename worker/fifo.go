package worker

import (
	"errors"
	"fmt"
	"time"
)

// errHeldTooLong is why a message is moved that has not had all its attempts.
var errHeldTooLong = errors.New("worker: it can be held no longer, and giving its group back would take others to the dead-letter queue unhandled")

// holdLimit is how soon a message of a FIFO queue must be due again for the worker
// to keep it, with its group, and try it again itself.
const holdLimit = 5 * time.Second

// recoverInOrder decides how a group goes on when m, its first, is to come again:
//
//   - A short wait is held out: m keeps its lease, those behind it theirs, and m is
//     tried again in process. No receive is spent.
//   - A long one is SQS's: m is hidden for so long, and those behind it go back at
//     once. They come again after it, at the price of one receive each.
//   - If one of them cannot pay that price, as its next receive would take it to the
//     dead-letter queue unhandled, the whole group is held, however long; a wait for
//     which 12 hours are too short is shortened, once.
//   - If m has had all its attempts, and holds up others or was tried in process,
//     the worker moves it to the dead-letter queue itself and goes on with the
//     others under the leases that it has. So it does if the group can be held no
//     longer, 12 hours after it was received.
func (r *run) recoverInOrder(c *chain, m *Message, o outcome, err error) outcome {
	if o.kind == Released || r.leases.isLost(m) {
		return o
	}
	behind, poor := r.behind(c)
	if o.kind == Failed && r.queue.exhausted(max(m.Attempts, m.Receives)) && (behind || m.Attempts > m.Receives) {
		if buried, _ := r.bury(m, err); buried.finished() {
			return buried
		}
	}
	if o.again < 0 && poor {
		o.again = r.queue.visibility
	}
	if poor {
		o.again = r.leases.shorten(m, o.again)
	}
	if poor || o.again >= 0 && o.again <= holdLimit {
		o.held = r.leases.mayHold(m, o.again)
	}
	if poor && !o.held {
		if buried, _ := r.bury(m, fmt.Errorf("%w: %w", errHeldTooLong, err)); buried.finished() {
			return buried
		}
	}
	return o
}

// behind reports whether messages of its group wait behind the running one of c, and
// whether the next receive of one would take it to the dead-letter queue.
func (r *run) behind(c *chain) (any, poor bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.behindLocked(c)
}

func (r *run) behindLocked(c *chain) (any, poor bool) {
	for ; c != nil; c = c.behind {
		for _, m := range c.waiting {
			any, poor = true, poor || r.queue.exhausted(m.Receives)
		}
	}
	return any, poor
}
