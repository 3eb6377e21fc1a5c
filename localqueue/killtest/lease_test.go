package killtest_test

import (
	"slices"
	"time"
)

// slack is how far the clocks of two processes may be apart.
const slack = 20 * time.Millisecond

// insert puts a delivery among those of m, which it has to fit between: by the order
// of the receive counts, the one before must not be later, nor still in flight.
func (b *book) insert(m *message, d *delivery) {
	i, known := slices.BinarySearchFunc(m.received, d.count, func(x *delivery, count int) int { return x.count - count })
	if known {
		b.accuse(m, "came twice as receive %d", d.count)
		return
	}
	if d.count < 1 {
		b.accuse(m, "came as receive %d", d.count)
	}
	m.received = slices.Insert(m.received, i, d)
	if i > 0 {
		b.checkApart(m, m.received[i-1], d)
	}
	if i+1 < len(m.received) {
		b.checkApart(m, d, m.received[i+1])
	}
}

// checkApart checks that next can follow on first.
func (b *book) checkApart(m *message, first, next *delivery) {
	if next.op.end < first.op.begin {
		b.accuse(m, "came as receive %d, at %.4fs, and had come as receive %d before", first.count, first.op.begin.Seconds(), next.count)
		return
	}
	if until := m.hidden(first); next.op.end+slack < until {
		b.accuse(m, "came as receive %d at %.4fs, though receive %d hid it until %.4fs at least",
			next.count, next.op.end.Seconds(), first.count, until.Seconds())
	}
}

// hidden is the instant until which d hides m at least, unless its visibility is
// changed from now on.
func (m *message) hidden(d *delivery) instant {
	until := d.op.begin + d.visible
	for _, c := range m.changes {
		switch {
		case c.stay != d.stay || c.fate == refused:
		case c.fate == done && c.count == d.count && c.end < until && !m.overlaps(c):
			until = c.begin + c.visible
		case c.latest() >= d.op.begin:
			until = min(until, c.begin+c.visible)
		}
	}
	return until
}

// overlaps reports whether another change may have been made before or after c.
func (m *message) overlaps(c *change) bool {
	return slices.ContainsFunc(m.changes, func(x *change) bool {
		return x != c && x.fate != refused && x.begin <= c.end && c.begin <= x.latest()
	})
}

// held reports whether m is hidden by d all the time until at.
func (m *message) held(d *delivery, at instant) bool {
	return m.last() == d && d.stay == len(m.past) && at+slack < m.hidden(d)
}

// missing counts the receives of the present stay that nobody was told of.
func (m *message) missing() int {
	if d := m.last(); d != nil {
		return d.count - len(m.received)
	}
	return 0
}
