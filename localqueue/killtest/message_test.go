package killtest_test

import (
	"time"
)

// message is one that was, or may have been, sent. The book's lock guards it.
type message struct {
	token        uint64
	size         int
	home         *queue
	group, dedup string // dedup "": none, or the body's
	delay        time.Duration
	repeats      *message // it duplicates that one, and must never come

	sends     []*op   // more than one: the same was sent again for want of an answer
	sentID    string  // as answered, or as first received; "" while unknown
	sentSeq   string  // on FIFO queues
	confirmed instant // it is known since then that a send took effect

	// What follows is about its present stay: a move task makes a new message of it.
	id       string
	past     []string // ids of earlier stays
	since    instant  // the present stay is known since then
	place    *queue   // where it was last seen
	seq      uint64   // there
	sentAt   string   // there
	firstAt  string
	received []*delivery // by count
	seen     instant     // latest begin of a receive that returned it; -1: none

	removals []*removal
	changes  []*change
	settled  instant // all queues were emptied and it was not there, so it is gone

	events []event
}

// delivery is one receive of a message, as answered.
type delivery struct {
	op      *op // the receive; of several messages
	queue   *queue
	handle  string
	count   int
	visible time.Duration // timeout
	message *message
	stay    int  // len(message.past)
	long    bool // somebody made the timeout long
}

// removal is a request that removes a message.
type removal struct {
	*op
	purged  *queue // of a purge, or of DeleteQueue: what it emptied
	certain bool   // done, and the message was where it was removed from
}

// change is a request that changes the visibility timeout.
type change struct {
	*op
	count   int // of the delivery whose handle it used
	stay    int
	visible time.Duration
	again   bool // it is the repetition of a receive
}

// queue is one queue of the server.
type queue struct {
	name    string
	fifo    bool
	content bool // deduplicates by content
	scoped  bool // deduplicates within a group
	delay   time.Duration
	visible time.Duration // VisibilityTimeout

	dead        *queue // where messages go after most receives
	most        int
	leaky       bool // messages leave by other ways than deletes and purges
	destination bool // of move tasks
	purgeable   bool // FIFO: purged, so that no id is repeated on purpose

	scene  *scene
	groups map[string][]*message // FIFO: those whose seq in place is known
	floor  uint64                // the highest sequence number answered
	purges []*removal

	under, missed []*op         // receives under way, and those without an answer
	known         []*delivery   // some, for deletes with old handles
	accepted      []*message    // FIFO: some that a deduplication id stands for
	unanswered    []*message    // FIFO: sends to repeat
	attempts      []*attempt    // FIFO: receives to repeat
	lasts         time.Duration // MessageRetentionPeriod; 0: longer than any test
}

// fixed reports whether messages leave the queue, and come, by no way but sends, deletes and
// purges.
func (q *queue) fixed() bool { return !q.leaky && !q.destination }

// presence is what the book knows of a message.
type presence int

const (
	absent presence = iota
	possible
	certain
)

// presence is where m stands, by all that was answered.
func (m *message) presence() presence {
	if m.repeats != nil || m.settled != forever || m.refused() {
		return absent
	}
	p := m.ageing()
	if m.confirmed == forever {
		p = min(p, possible)
	}
	for _, x := range m.removals {
		p = min(p, x.leaves(m))
	}
	for _, x := range m.home.purges {
		if x.latest() > m.sends[0].begin {
			p = min(p, x.leaves(m))
		}
	}
	return p
}

// ageingMargin is how long before and after its end a message may be gone and may be
// there: what is looked at now was answered a little earlier.
const ageingMargin = 3 * time.Second

// ageing is what the retention of its queue leaves of m by now.
func (m *message) ageing() presence {
	if m.home.lasts == 0 {
		return certain
	}
	switch now := m.home.scene.now(); {
	case now > m.lastSend()+m.home.lasts+ageingMargin:
		return absent
	case now > m.sends[0].begin+m.home.lasts-ageingMargin:
		return possible
	}
	return certain
}

// leaves says what a removal leaves of m.
func (x *removal) leaves(m *message) presence {
	switch {
	case x.fate == refused, x.latest() < m.seen: // it was there afterwards
		return certain
	case x.certain, x.fate == done && x.of(m):
		return absent
	}
	return possible
}

// of reports whether x is a purge of m's queue that found m there if it was anywhere.
func (x *removal) of(m *message) bool {
	if x.purged == nil || x.purged != m.home {
		return false
	}
	return m.confirmed < x.begin || m.lastSend() < x.begin
}

// lastSend is the last instant at which m may have been enqueued.
func (m *message) lastSend() (at instant) {
	for _, s := range m.sends {
		at = max(at, s.latest())
	}
	return at
}

func (m *message) refused() bool {
	for _, s := range m.sends {
		if s.fate != refused {
			return false
		}
	}
	return true
}

// last is the latest delivery of the present stay, nil if there was none.
func (m *message) last() *delivery {
	if n := len(m.received); n > 0 {
		return m.received[n-1]
	}
	return nil
}
