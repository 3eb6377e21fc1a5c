package naive

import (
	"container/heap"
	"fmt"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

func (q *queue) Check() error {
	for _, check := range []func() error{q.checkMessages, q.checkHeaps, q.checkTenants, q.checkGroups, q.checkDedup, q.checkAttempts} {
		if err := check(); err != nil {
			return fmt.Errorf("queue %d: %w", q.id, err)
		}
	}
	return nil
}

func (q *queue) checkMessages() error {
	var counts [states]int
	wornOut := 0
	for seq, m := range q.messages {
		counts[m.state]++
		if q.worn(m) {
			wornOut++
		}
		if err := q.checkMessage(m); err != nil {
			return fmt.Errorf("message %d: %w", m.seq, err)
		}
		if m.seq != seq || seq == 0 || seq > q.seq {
			return fmt.Errorf("message %d is filed under %d; the last was %d", m.seq, seq, q.seq)
		}
	}
	if counts != q.counts {
		return fmt.Errorf("counts are %v, messages say %v", q.counts, counts)
	}
	if wornOut != q.wornOut {
		return fmt.Errorf("%d messages are worn out, the count says %d", wornOut, q.wornOut)
	}
	return nil
}

func (q *queue) checkMessage(m *message) error {
	switch {
	case q.expiry(m) <= q.now:
		return fmt.Errorf("is past its retention")
	case (m.state == visible) != (m.ready <= q.now):
		return fmt.Errorf("is %s, ready at %d; now is %d", m.state, m.ready, q.now)
	case m.here > m.receives:
		return fmt.Errorf("was received %d times here, %d in all", m.here, m.receives)
	case m.state == delayed && m.here > 0:
		return fmt.Errorf("is delayed after a receive")
	case m.state == inFlight && m.here == 0:
		return fmt.Errorf("is in flight without a receive")
	case m.state == inFlight && m.ready > after(m.received, engine.MaxVisibility+engine.AttemptWindow):
		return fmt.Errorf("received at %d is in flight until %d", m.received, m.ready)
	case m.here > 0 && (m.received > q.now || m.received < m.first):
		return fmt.Errorf("first received at %d, last at %d; now is %d", m.first, m.received, q.now)
	case m.sent > q.now:
		return fmt.Errorf("was sent at %d; now is %d", m.sent, q.now)
	case (m.group != nil) != q.settings.FIFO || (m.tenant != nil) == q.settings.FIFO:
		return fmt.Errorf("is in a group: %t, has a tenant: %t", m.group != nil, m.tenant != nil)
	}
	return nil
}

// checkHeaps holds each heap against the messages that belong into it.
func (q *queue) checkHeaps() error {
	if err := q.checkHeap(&q.ages, func(*message) bool { return true }); err != nil {
		return fmt.Errorf("heap of ages: %w", err)
	}
	if err := q.checkHeap(&q.due, func(m *message) bool { return m.state != visible }); err != nil {
		return fmt.Errorf("heap of deadlines: %w", err)
	}
	for _, t := range q.tenants {
		if err := q.checkHeap(&t.visible, func(m *message) bool { return m.tenant == t && m.state == visible }); err != nil {
			return fmt.Errorf("tenant %q: %w", t.name, err)
		}
	}
	return nil
}

func (q *queue) checkHeap(o *order, belongs func(*message) bool) error {
	want := 0
	for _, m := range q.messages {
		if belongs(m) {
			want++
		}
	}
	if o.Len() != want {
		return fmt.Errorf("holds %d messages of %d", o.Len(), want)
	}
	for i, m := range o.heap {
		switch {
		case *o.pos(m) != i:
			return fmt.Errorf("message %d is at %d and says %d", m.seq, i, *o.pos(m))
		case q.messages[m.seq] != m || !belongs(m):
			return fmt.Errorf("message %d does not belong", m.seq)
		case i > 0 && o.Less(i, (i-1)/2):
			return fmt.Errorf("message %d is out of order", m.seq)
		}
	}
	return nil
}

var _ heap.Interface = (*order)(nil)
