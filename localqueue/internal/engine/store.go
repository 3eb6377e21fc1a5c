package engine

import "time"

// store is the fast engine: Messages over pointer-free slots. standard.go and
// fifo.go hold what the two kinds of queue do differently.
type store struct {
	number uint32
	set    Settings
	begun  bool // configured once
	now    Time
	seq    uint64 // last given
	slots  slots
	bodies arena
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
	restored  map[uint64]uint32  // where replay put messages, by seq; handles of before name other slots
	replaying bool               // restored takes what comes
	log       func(record []byte)
	trail     []trailStep // what a receive did, while log is set
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
	s.slots, s.bodies, s.loose, s.window = slots{}, arena{}, pile{}, window{}
	s.counts, s.spent, s.share = Counts{}, 0, share{}
	s.moved, s.restored, s.attempts = nil, nil, attempts{}
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

// advance brings the state to now, in order of time.
func (s *store) advance(now Time) Time {
	if now < s.now {
		now = s.now
	}
	before := s.now
	s.now = now
	if s.slots.live == 0 && s.slots.used > manySlots {
		s.shrink()
	}
	for {
		oldest, sent := s.ages.oldest()
		end := Never
		if oldest != 0 {
			end = sent + int64(s.set.Retention)
		}
		switch due := s.due.next(); {
		case end > now && due > now:
			if s.set.FIFO {
				s.forget(now)
			} else if s.cooling.next() <= now {
				s.cool(now)
			}
			return now
		case end <= due:
			s.remove(max(end, before), oldest) // a retention made shorter ends in the past
		default:
			_, id := s.due.top()
			s.ripen(due, id)
		}
	}
}

// manySlots is how many slots an empty queue may keep.
const manySlots = 1 << 14

// shrink gives the memory of a backlog that is gone back.
func (s *store) shrink() {
	s.slots, s.due.e = slots{}, nil
	if len(s.groups.index) == 0 {
		s.groups.init()
		for _, h := range []*heap{&s.quiet, &s.noisy, &s.cooling, &s.ready} {
			h.e, h.pos = nil, nil
		}
	}
}

// forget drops what FIFO queues remember for a while only.
func (s *store) forget(now Time) {
	s.dedup.expire(now)
	s.attempts.expire(now)
	if s.scopeAt <= now {
		s.scopeAt = Never
		s.dedup.scope(s.set.GroupScope)
	}
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

// place takes in a message: state delayed if due lies ahead, else visible.
func (s *store) place(now Time, seq uint64, m *Message, sent, due Time) uint32 {
	id := s.slots.alloc()
	x := s.slots.at(id)
	*x = slot{seq: seq, sent: sent, due: due, md5: m.MD5, state: visible}
	x.where = s.bodies.add(id, m.Blob)
	s.ages.add(id)
	if m.Group != "" {
		x.group = s.groups.make(m.Group, s.set.FIFO)
		s.groups.at(x.group).messages++
	}
	if due > now {
		x.state = delayed
		s.counts.Delayed++
		s.due.set(id, due)
	} else {
		s.counts.Visible++
	}
	if s.set.FIFO {
		g := s.groups.at(x.group)
		appendTo(&s.slots, &g.head, &g.tail, id)
		s.widen()
	} else {
		s.join(id)
	}
	if s.replaying {
		s.restored[seq] = id
	}
	return id
}

// join adds a new message of a standard queue to the pile it belongs to.
func (s *store) join(id uint32) {
	x := s.slots.at(id)
	p := &s.loose
	if x.group != 0 {
		g := s.groups.tenant(x.group)
		g.waiting++
		p = &g.pile
	}
	if x.state == visible {
		p.append(&s.slots, id)
		s.rank(x.group)
	}
}

// remove deletes a message in any state.
func (s *store) remove(at Time, id uint32) {
	m := s.slots.at(id)
	gid := m.group
	switch m.state {
	case visible:
		s.counts.Visible--
		if !s.set.FIFO && gid == 0 {
			s.loose.remove(&s.slots, id)
		} else if !s.set.FIFO {
			s.groups.tenant(gid).pile.remove(&s.slots, id)
		}
	case delayed:
		s.counts.Delayed--
		s.due.drop(id)
	case inFlight:
		s.due.drop(id)
		s.leaveFlight(at, gid)
	}
	if s.isSpent(m) {
		s.spent--
	}
	if gid != 0 {
		s.quit(gid, id, m.state)
	}
	if m.flags&flagMoved != 0 {
		delete(s.moved, m.seq)
	}
	delete(s.restored, m.seq)
	if s.set.FIFO {
		s.leaveWindow(id)
	}
	s.ages.remove(id)
	s.bodies.drop(m.where)
	s.slots.release(id)
	if s.set.FIFO {
		s.widen()
	}
}

// quit takes a message out of its group.
func (s *store) quit(gid, id uint32, was state) {
	g := s.groups.at(gid)
	g.messages--
	if !s.set.FIFO {
		if was != inFlight {
			s.groups.tenant(gid).waiting--
		}
		s.rank(gid)
		return
	}
	first := g.head == id
	removeFrom(&s.slots, &g.head, &g.tail, id)
	if first {
		s.refresh(gid)
	}
	if g.messages == 0 {
		s.groups.drop(gid)
	}
}

// locate finds the slot of the message a handle names.
func (s *store) locate(h Handle) (uint32, bool) {
	id, ok := s.slots.find(h.Slot, h.Seq)
	if !ok {
		id, ok = s.restored[h.Seq]
	}
	return id, ok
}

func later(now Time, d time.Duration) Time { return now + int64(d) }
