package engine

import "time"

// store is the fast engine: Messages over pointer-free slots. fair.go
// and pile.go hold what is particular to standard queues, fifo.go, dedup.go and
// attempts.go what is to FIFO queues.
type store struct {
	number uint32
	set    Settings
	begun  bool // configured once
	now    Time
	seq    uint64 // last given
	slots  slots
	bodies arena
	cold   backlog // on disk: messages nobody ever received, beside those in slots
	ages   ages
	due    heap // delayed and in-flight messages by the end of that
	counts Counts

	groups  groups
	loose   pile // standard: visible messages without a group
	quiet   heap // standard: quiet tenants with visible messages, by the oldest of these
	noisy   heap // standard: noisy tenants with visible messages, by messages in flight
	cooling heap // standard: tenants that time will make quiet, or forget
	share   share
	window  window // FIFO: the messages that receives look at
	ready   heap   // FIFO: groups with a visible head, by when it became so

	dedup    dedup
	scopeAt  Time // when a changed GroupScope takes effect; Never: none pending
	attempts attempts

	moved     map[uint64]arrival // what flagMoved messages brought, by seq
	spent     int                // messages received MaxReceives times here
	purged    uint64             // the last number given when the queue was last purged
	restored  roll               // messages up to recovered that have slots
	recovered uint64             // the last number given before recovery; handles up to it may name other slots
	replaying *replica           // what recovery holds in addition, until it is over
	log       Log                // nil: in memory
	rec       []byte             // scratch
	witness   uint32             // the segment that tells seq
	progress  uint32             // the one that tells how far the move task is; 0: the latest control does
	taken     []uint32           // scratch: slots that a receive took
	buried    int                // how many it moved away
	expired   []tomb             // removed by time, not written yet
	forwarded []tomb             // of a segment that is being emptied, not written again yet
}

// arrival is what a message brought by a redrive policy remembers.
type arrival struct {
	origin Origin
	source uint32
	base   uint32 // receives before it came
	first  Time   // its first receive, which may be long before it was sent here; 0: none yet
}

// NewMessages is an empty store for the queue with that number.
func NewMessages(queue uint32) Messages { return newStore(queue) }

func newStore(queue uint32) *store {
	s := &store{number: queue, scopeAt: Never}
	s.clear()
	return s
}

// clear makes all structures empty. Sequence numbers and settings stay.
func (s *store) clear() {
	s.slots, s.bodies, s.cold, s.loose, s.window = slots{}, arena{}, backlog{}, pile{}, window{}
	s.counts, s.spent, s.share = Counts{}, 0, share{}
	s.moved, s.restored, s.attempts = nil, roll{}, attempts{}
	s.bodies.moved = func(id uint32, to ref) { s.slots.at(id).where = to }
	s.ages.init(&s.slots)
	s.groups.init()
	s.dedup.init()
	s.due = heap{at: func(id uint32) *uint32 { return &s.slots.at(id).pos }}
	seqOf := func(id uint32) uint64 { return s.slots.at(id).seq }
	s.quiet = heap{}
	s.noisy = heap{tie: func(id uint32) uint64 { return seqOf(s.groups.tenant(id).pile.min(&s.slots)) }}
	s.ready = heap{tie: func(id uint32) uint64 { return seqOf(s.groups.at(id).head) }}
	s.cooling = heap{}
}

// ripen makes a delayed or in-flight message visible at the given instant.
func (s *store) ripen(at Time, id uint32) {
	m := s.slots.at(id)
	was := m.state
	s.due.drop(id)
	if was == inFlight {
		s.leaveFlight(at, m.group)
	} else {
		s.counts.Delayed--
	}
	m.state, m.due = visible, at
	s.counts.Visible++
	if s.set.FIFO {
		if s.groups.at(m.group).head == id {
			s.refresh(m.group)
		}
		return
	}
	if m.group == 0 {
		s.loose.giveBack(&s.slots, id)
		return
	}
	g := s.groups.tenant(m.group)
	if was == inFlight {
		g.waiting++
	}
	g.pile.giveBack(&s.slots, id)
	s.rank(m.group)
}

// lease puts a visible message in flight until due. On a standard queue the
// message leaves its pile; on FIFO the caller refreshes the group.
func (s *store) lease(now Time, id uint32, m *slot, due Time) {
	s.counts.Visible--
	if !s.set.FIFO {
		if m.group == 0 {
			s.loose.remove(&s.slots, id)
		} else {
			g := s.groups.tenant(m.group)
			g.pile.remove(&s.slots, id)
			g.waiting--
		}
	}
	m.state, m.due = inFlight, due
	s.due.set(id, due)
	s.enterFlight(now, m.group)
}

// receive is lease with what a receive counts.
func (s *store) receive(now Time, id uint32, m *slot, due Time) {
	s.lease(now, id, m, due)
	m.receives++
	m.setFirst(now)
	m.flags &^= flagChanged
	if s.set.MaxReceives > 0 && s.receivesHere(m) == s.set.MaxReceives {
		s.spent++
	}
	if !s.set.FIFO && m.group != 0 {
		s.judge(now, m.group)
		s.rank(m.group)
	}
}

// receivesHere counts the receives that the redrive policy counts.
func (s *store) receivesHere(m *slot) uint32 {
	if m.flags&flagMoved == 0 {
		return m.receives
	}
	return m.receives - s.moved[m.seq].base
}

func (s *store) isSpent(m *slot) bool {
	return s.set.MaxReceives > 0 && s.receivesHere(m) >= s.set.MaxReceives
}

// locate finds the slot of the message a handle names.
func (s *store) locate(h Handle) (uint32, bool) {
	id, ok := s.slots.find(h.Slot, h.Seq)
	if ok || h.Seq > s.recovered {
		return id, ok
	}
	if id, ok = s.restored.find(h.Seq); !ok { // received before a power failure that the receive did not survive
		var c cold
		if c, ok = s.cold.take(h.Seq); ok {
			id = s.unfreeze(c)
		}
	}
	return id, ok
}

func later(now Time, d time.Duration) Time { return now + int64(d) }
