package producer

import (
	"errors"
	"fmt"
	"time"
)

// Broken says which of p's invariants do not hold, whenever it is called.
func (p *Producer) Broken() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	x := checker{p: p}
	x.ready()
	x.later()
	x.groups()
	x.room()
	x.watches()
	x.counts()
	return errors.Join(x.broken...)
}

// Stuck says what p should have done, when all of its goroutines wait and its requests under
// way carry so many messages.
func (p *Producer) Stuck(flying int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	x := checker{p: p}
	waiting, _ := x.waiting()
	x.unless(p.pending == waiting+flying, "%d pending, but %d wait and %d are in requests", p.pending, waiting, flying)
	x.unless(!p.mayLeaveLocked(p.senders), "a request may leave, and none does")
	x.unless(p.count == 0 || p.senders > 0 || !p.armed.IsZero(), "%d messages are ready, and nothing will come to send them", p.count)
	if len(p.later) > 0 {
		x.unless(!p.armed.IsZero() && !p.armed.After(p.later[0].due), "the timer fires at %v, and a line is due at %v", p.armed, p.later[0].due)
	}
	x.unless(p.armed.IsZero() || p.armed.After(time.Now()), "the timer has not fired, which was due %v ago", time.Since(p.armed))
	done := p.pending == 0 && p.senders == 0 && (p.telling+p.calls == 0 || p.cut)
	x.unless(p.idle == nil || p.cut && p.rested || p.rested == done, "rested is %t, and %d pending, %d senders, %d telling, %d calls", p.rested, p.pending, p.senders, p.telling, p.calls)
	return errors.Join(x.broken...)
}

type checker struct {
	p      *Producer
	broken []error
}

func (x *checker) unless(holds bool, format string, args ...any) {
	if !holds {
		x.broken = append(x.broken, fmt.Errorf(format, args...))
	}
}

// list checks the links of l and what is in it.
func (x *checker) list(l *list, name string, s state, of *line) {
	n, size := 0, 0
	var prev *Pending
	for c := l.first; c != nil && n <= l.n; prev, c = c, c.next {
		x.unless(c.prev == prev, "%s: message %d has a wrong link", name, n)
		x.unless(c.state == s && c.line == of && !c.answered, "%s: message %d has state %d, want %d; of its line: %t; answered: %t", name, n, c.state, s, c.line == of, c.answered)
		n++
		size += c.size
	}
	x.unless(l.last == prev && n == l.n && size == l.size, "%s: %d messages of %d bytes, counted as %d of %d", name, n, size, l.n, l.size)
}

func (x *checker) ready() {
	count, size := 0, 0
	var prev *line
	for l := x.p.ready.first; l != nil; prev, l = l, l.next {
		x.list(&l.list, "ready", waiting, l)
		x.unless(l.prev == prev && l.state == ready && l.n > 0 && l.due.IsZero(), "a ready line has state %d, %d messages, due %v", l.state, l.n, l.due)
		x.member(l)
		count += l.n
		size += l.size
	}
	x.unless(x.p.ready.last == prev, "the last of the ready lines is another")
	x.unless(count == x.p.count && size == x.p.size, "ready: %d messages of %d bytes, counted as %d of %d", count, size, x.p.count, x.p.size)
}

func (x *checker) later() {
	for i, l := range x.p.later {
		x.list(&l.list, "later", waiting, l)
		x.unless(l.state == later && l.at == i && l.n > 0 && !l.due.IsZero(), "the later line %d is %d in state %d with %d messages, due %v", i, l.at, l.state, l.n, l.due)
		x.unless(l.n == 0 || l.first.tries > 0, "a line waits for a try that its first message has not had")
		x.unless(i == 0 || !l.due.Before(x.p.later[(i-1)/2].due), "the heap is out of order at %d", i)
		x.member(l)
	}
}

// member checks that a line is where others find it.
func (x *checker) member(l *line) {
	if x.p.fifo {
		x.unless(l.ordered && x.p.groups[l.group] == l, "the line of group %q is not known", l.group)
		x.unless(!l.passed, "the line of group %q is passed, and no request has any of it", l.group)
	} else {
		x.unless(!l.ordered, "a standard queue has a line of a group")
	}
}

func (x *checker) groups() {
	for name, l := range x.p.groups {
		x.unless(l.group == name && l.state != resting, "group %q has the line of %q, in state %d", name, l.group, l.state)
		if l.state == busy {
			x.list(&l.list, "busy", waiting, l)
			x.unless(x.p.senders > 0, "group %q is busy without a request", name)
		}
	}
	x.unless(x.p.most >= len(x.p.groups), "%d groups, %d at most", len(x.p.groups), x.p.most)
	if !x.p.fifo {
		l := &x.p.open
		x.unless((l.state == ready) == (l.n > 0) && (l.state == ready || l.state == resting), "the open line has state %d and %d messages", l.state, l.n)
	}
}

func (x *checker) room() {
	p := x.p
	x.list(&p.room, "room", queuing, nil)
	x.unless(p.room.n == 0 || !p.fitsLocked(p.room.first), "there is room for what waits for it")
}

func (x *checker) watches() {
	for done, w := range x.p.watches {
		x.unless(w.ctx.Done() == done && len(w.members) > 0, "a watch has %d members", len(w.members))
		for i, c := range w.members {
			x.unless(c.watch == w && c.place == i && !c.answered, "member %d of a watch is at %d; answered: %t", i, c.place, c.answered)
		}
	}
}

// waiting counts what is in lines.
func (x *checker) waiting() (n, size int) {
	count := func(l *line) { n, size = n+l.n, size+l.size }
	if x.p.fifo {
		for _, l := range x.p.groups {
			count(l)
		}
		return n, size
	}
	for l := x.p.ready.first; l != nil; l = l.next {
		count(l)
	}
	for _, l := range x.p.later {
		count(l)
	}
	return n, size
}

func (x *checker) counts() {
	p := x.p
	n, size := x.waiting()
	x.unless(p.pending >= n && p.bytes >= int64(size), "%d pending of %d bytes, but %d of %d wait", p.pending, p.bytes, n, size)
	x.unless(p.senders > 0 || p.pending == n && p.bytes == int64(size), "without requests %d pending of %d bytes, but %d of %d wait", p.pending, p.bytes, n, size)
	x.unless(p.senders >= 0 && p.senders <= p.opts.Concurrency && p.telling >= 0 && p.calls >= 0, "%d senders, %d telling, %d calls", p.senders, p.telling, p.calls)
	x.unless(len(p.stale) == 0, "%d messages given up are not announced", len(p.stale))
}
