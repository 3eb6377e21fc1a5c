package naive

import (
	"fmt"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

func (q *queue) checkTenants() error {
	counts := map[*tenant][states]int{}
	for _, m := range q.messages {
		if m.tenant == nil {
			continue
		}
		c := counts[m.tenant]
		c[m.state]++
		counts[m.tenant] = c
		if q.tenants[m.Group] != m.tenant {
			return fmt.Errorf("message %d has a tenant that %q is not", m.seq, m.Group)
		}
	}
	for t := range q.noisy {
		if q.tenants[t.name] != t || t.name == "" || t.silent(q.now) || t.counts[visible]+t.counts[delayed] == 0 {
			return fmt.Errorf("tenant %q is noisy with counts %v", t.name, t.counts)
		}
	}
	for name, t := range q.tenants {
		switch {
		case t.name != name:
			return fmt.Errorf("tenant %q is filed under %q", t.name, name)
		case t.counts != counts[t]:
			return fmt.Errorf("tenant %q has counts %v, messages say %v", name, t.counts, counts[t])
		case t.sends && t.lastSend > q.now:
			return fmt.Errorf("tenant %q sent at %d; now is %d", name, t.lastSend, q.now)
		case t.booked > q.now || t.booked > q.all.booked:
			return fmt.Errorf("tenant %q is booked until %d, all until %d; now is %d", name, t.booked, q.all.booked, q.now)
		case min(t.busy[0], t.busy[1], int64(t.receives[0]), int64(t.receives[1])) < 0:
			return fmt.Errorf("tenant %q has a negative past: %+v", name, t.usage)
		}
	}
	return nil
}

func (q *queue) checkGroups() error {
	listed := 0
	for name, g := range q.groups {
		if g.name != name || g.messages.Len() == 0 {
			return fmt.Errorf("group %q of %d messages is filed under %q", g.name, g.messages.Len(), name)
		}
		var last *message
		for e := g.messages.Front(); e != nil; e = e.Next() {
			m := e.Value.(*message)
			switch {
			case q.messages[m.seq] != m || m.group != g || m.elem != e || m.Group != name:
				return fmt.Errorf("message %d of group %q is out of place", m.seq, name)
			case last != nil && (m.seq <= last.seq || m.sent < last.sent):
				return fmt.Errorf("group %q: message %d sent at %d stands behind %d sent at %d", name, m.seq, m.sent, last.seq, last.sent)
			}
			last = m
			listed++
		}
	}
	if q.settings.FIFO && (listed != len(q.messages) || q.line.Len() != len(q.messages)) {
		return fmt.Errorf("groups list %d messages, the queue %d, of %d", listed, q.line.Len(), len(q.messages))
	}
	last := uint64(0)
	for e := q.line.Front(); e != nil; e = e.Next() {
		m := e.Value.(*message)
		if q.messages[m.seq] != m || m.inLine != e || m.seq <= last {
			return fmt.Errorf("message %d is out of line, behind %d", m.seq, last)
		}
		last = m.seq
	}
	return nil
}

func (q *queue) checkDedup() error {
	d, seen := &q.dedup, map[string]int{}
	for _, a := range d.order {
		if i := seen[a.id]; i >= len(d.byID[a.id]) || d.byID[a.id][i] != a {
			return fmt.Errorf("accepted send %d is not filed under %q", a.seq, a.id)
		}
		seen[a.id]++
	}
	for id, sends := range d.byID {
		if len(sends) != seen[id] || len(sends) == 0 {
			return fmt.Errorf("%d sends with deduplication id %q are filed, %d in order", len(sends), id, seen[id])
		}
	}
	for i, a := range d.order {
		switch {
		case i > 0 && (a.at < d.order[i-1].at || a.seq <= d.order[i-1].seq):
			return fmt.Errorf("accepted send %d is out of order", a.seq)
		case a.at > q.now || q.now >= after(a.at, engine.DedupWindow):
			return fmt.Errorf("accepted send %d of %d is remembered at %d", a.seq, a.at, q.now)
		case a.seq > q.seq || !q.settings.FIFO:
			return fmt.Errorf("accepted send %d never was", a.seq)
		}
	}
	if d.rescopeAt <= q.now {
		return fmt.Errorf("the scope was to change at %d; now is %d", d.rescopeAt, q.now)
	}
	return nil
}

func (q *queue) checkAttempts() error {
	a, last := &q.attempts, engine.Time(0)
	if len(a.byID) != a.order.Len() {
		return fmt.Errorf("%d attempts by id, %d in order", len(a.byID), a.order.Len())
	}
	for e := a.order.Front(); e != nil; e = e.Next() {
		made := e.Value.(*attempt)
		switch {
		case a.byID[made.id] != e || made.id == "" || !q.settings.FIFO:
			return fmt.Errorf("attempt %q is not filed", made.id)
		case made.first < last || made.first > q.now || q.now >= after(made.first, engine.AttemptWindow):
			return fmt.Errorf("attempt %q of %d is remembered at %d", made.id, made.first, q.now)
		case len(made.receives) == 0:
			return fmt.Errorf("attempt %q without messages is remembered", made.id)
		}
		last = made.first
	}
	return nil
}
