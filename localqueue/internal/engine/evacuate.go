package engine

// Durable is what Messages on disk can do beside. The queue is held for each call.
type Durable interface {
	// Locate says where the content of the message of h stands now; false: the message
	// is gone.
	Locate(h Handle) (Place, bool)
	// Residents appends to out the messages whose content stands in segments that are
	// being emptied. It looks at some messages, from *at on, and moves *at forward;
	// false: those were the last.
	Residents(emptied func(segment uint32) bool, at *Cursor, out []Resident) ([]Resident, bool)
	// Rewrite writes a resident again, the record of which was read, if it still is
	// one. False: the log refused.
	Rewrite(now Time, r Resident, record []byte) bool
	// Restate writes facts again that stand in segments that are being emptied, about
	// messages whose content does not. It looks at some messages, from *at on;
	// false: those were the last, or the log refused.
	Restate(now Time, emptied func(segment uint32) bool, at *Cursor) bool
	// Forward writes those parts of a record again that are still needed and that no
	// message tells of: that messages are gone whose segment exists, deduplication
	// ids, attempts. It may gather some, which Forwarded writes: until then nothing may be
	// taken for written.
	Forward(now Time, at Place, record []byte, exists func(segment uint32) bool) error
	// Forwarded writes what Forward has gathered.
	Forwarded(now Time) error
}

// Cursor is how far a walk over all messages has come; the zero Cursor is the
// beginning.
type Cursor struct {
	seq  uint64 // of the backlog: looked at below
	slot uint32
}

// Resident is a message whose content stands in a segment.
type Resident struct {
	Seq  uint64
	Home Place
	slot uint32 // 0: in the backlog
}

// stride is how many messages a step of a walk looks at; mostRestated are written
// again by one.
const (
	stride       = 4096
	mostRestated = 100
)

func (s *store) Locate(h Handle) (Place, bool) {
	id, ok := s.locate(h)
	if !ok {
		return Place{}, false
	}
	return s.slots.at(id).home(), true
}

// The backlog comes first: what leaves it meanwhile has a slot.
func (s *store) Residents(emptied func(uint32) bool, at *Cursor, out []Resident) ([]Resident, bool) {
	n := 0
	s.cold.each(at.seq, func(c cold) bool {
		if n++; n > stride {
			at.seq = c.seq
			return false
		}
		if emptied(c.home.Segment) {
			out = append(out, Resident{c.seq, c.home, 0})
		}
		return true
	})
	if n > stride {
		return out, true
	}
	at.seq = ^uint64(0)
	end := min(at.slot+stride, s.slots.used)
	for id := max(at.slot, 1); id < end; id++ {
		if m := s.slots.at(id); m.state != free && emptied(m.where.block) {
			out = append(out, Resident{m.seq, m.home(), id})
		}
	}
	at.slot = end
	return out, end < s.slots.used
}

func (s *store) Rewrite(now Time, r Resident, record []byte) bool {
	now = s.advance(now)
	if r.slot == 0 {
		return s.rewriteCold(now, r, record)
	}
	id, ok := s.slots.find(r.slot, r.Seq)
	if !ok || s.slots.at(id).home() != r.Home {
		return true
	}
	m := s.slots.at(id)
	p, ok := s.copyOf(now, m, record)
	if ok {
		s.rehome(m, p)
	}
	return ok
}

func (s *store) rewriteCold(now Time, r Resident, record []byte) bool {
	k, i, ok := s.cold.find(r.Seq)
	if !ok || s.cold.chunks[k].at(i).home != r.Home {
		return true // if it was received meanwhile, the next walk finds it
	}
	c := s.cold.chunks[k].at(i)
	m := slot{seq: c.seq, sent: c.sent, due: c.sent, state: visible}
	m.setHome(c.home)
	p, ok := s.copyOf(now, &m, record)
	if !ok {
		return false
	}
	s.need(p.Segment, p.weight())
	s.need(c.home.Segment, -c.home.weight())
	if c.home = p; !s.cold.move(r.Seq, p) {
		s.cold.kill(k, i)
		s.unfreeze(c)
	}
	return true
}

// copyOf appends m with its content.
func (s *store) copyOf(now Time, m *slot, record []byte) (Place, bool) {
	md5, blob, ok := Content(record)
	if !ok {
		return Place{}, false
	}
	b := begin(s.rec[:0], opCopy, s.number, now)
	f := s.factOf(m, true)
	b = f.append(b, now, true)
	head := len(b)
	b = append(b, md5[:]...)
	b = append(b, blob...)
	p := s.write(KindCopy, b, head)
	if p == (Place{}) {
		return p, false
	}
	s.log.Copied(p.Segment, m.where.block)
	return p, true
}

func (s *store) Restate(now Time, emptied func(uint32) bool, at *Cursor) bool {
	now = s.advance(now)
	end := min(at.slot+stride, s.slots.used)
	s.taken = s.taken[:0]
	for id := max(at.slot, 1); id < end; id++ {
		if m := s.slots.at(id); m.state != free && emptied(m.mark()) && !emptied(m.where.block) {
			if s.taken = append(s.taken, id); len(s.taken) == mostRestated {
				end = id + 1
			}
		}
	}
	if len(s.taken) > 0 && s.logFacts(KindCopy, now, "", s.taken) == (Place{}) {
		return false
	}
	at.slot = end
	return end < s.slots.used
}
