package localqueue

import (
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// findsNothing reports whether a fault has a receive that does not wait find nothing.
func (q *queue) findsNothing(f *fate) bool {
	if _, ok := f.strikes(FalseEmpty); !ok || q.fifo {
		return false
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.received(0)
	return true
}

// handOut takes messages for a receive. The caller holds q's lock, and that of dead.
func (q *queue) handOut(at engine.Time, f *fate, r engine.Receive, dead *queue, out *engine.Batch) (over bool) {
	if _, ok := f.strikes(Reorder); ok && !q.fifo {
		h := f.hash(Reorder, "", f.call, 0)
		passed := q.passOver(at, 1+int(h%9))
		q.q.Messages.Receive(at, r, dead.messages(), out)
		q.comeBack(at, passed)
		if len(out.Deliveries) > 0 {
			shuffle(out.Deliveries, h)
			return false
		}
	}
	return q.q.Messages.Receive(at, r, dead.messages(), out)
}

// passOver hides up to n messages whose turn it is.
func (q *queue) passOver(at engine.Time, n int) (passed []engine.Handle) {
	for range n {
		h, ok := q.q.Messages.First(at)
		if !ok {
			break
		}
		q.q.Messages.ChangeVisibility(at, h, time.Second) // were the process to end here, that would end it
		passed = append(passed, h)
	}
	return passed
}

// comeBack shows them again.
func (q *queue) comeBack(at engine.Time, passed []engine.Handle) {
	for _, h := range passed {
		q.q.Messages.ChangeVisibility(at, h, 0)
	}
}

// shuffle puts a reply in an order that h determines.
func shuffle(list []engine.Delivery, h uint64) {
	for i := len(list) - 1; i > 0; i-- {
		h = mix(h)
		j := int(h % uint64(i+1))
		list[i], list[j] = list[j], list[i]
	}
}

// double has those messages of a reply be delivered again soon that a fault doubles.
// The caller holds q's lock. (Who waits needs no telling: a call that does not wait takes
// nothing while somebody does, and one that serves them goes on with the next.)
func (q *queue) double(at engine.Time, f *fate, r engine.Receive, out *engine.Batch) {
	if f == nil || q.fifo {
		return
	}
	for i := range out.Deliveries {
		h := &out.Deliveries[i].Handle
		rule, ok := f.doubles(h.Seq, h.Receive)
		switch {
		case !ok || q.isLast(h.Receive):
		case rule.Delay == 0:
			q.q.Messages.Release(at, *h)
		case rule.Delay < r.Visibility:
			q.q.Messages.ChangeVisibility(at, *h, rule.Delay)
		}
	}
}

// doubles reports whether a receive of a message is doubled, by which rule. A duplicate
// is not doubled: of receives in a row that are struck every other one is one.
func (f *fate) doubles(seq uint64, receive uint32) (Fault, bool) {
	rule, ok := f.strikesMessage(Duplicate, seq, receive)
	if !ok || rule.Rate == 1 {
		return rule, ok && receive%2 == 1
	}
	for n := receive - 1; n > 0; n-- {
		if _, struck := f.strikesMessage(Duplicate, seq, n); !struck {
			return rule, (receive-n)%2 == 1
		}
	}
	return rule, receive%2 == 1
}

// isLast reports whether a receive is the last that the redrive policy allows.
func (q *queue) isLast(receive uint32) bool {
	p := q.q.Config.Redrive
	return p != nil && int64(receive) >= int64(p.Max)
}
