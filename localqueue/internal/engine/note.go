package engine

import "encoding/binary"

// Everything a store writes to its log goes through here. Nothing is written in
// memory, where there is no log. What the log refuses must not happen: sends,
// deletes and moves are written first and done then. What a receive or a change of
// visibility did stands in memory all the same, and on disk with the next fact.

// logSend says where the message stands now; false: the log took nothing.
func (s *store) logSend(now Time, seq uint64, due Time, m *Message) (Place, bool) {
	if !s.onDisk() {
		return Place{}, true
	}
	if !s.set.FIFO && m.Dedup != "" { // says nothing here, and is not to be remembered
		c := *m
		c.Dedup, m = "", &c
	}
	b, head := appendSend(s.rec[:0], s.number, now, seq, due, m)
	home := s.write(KindSend, b, head)
	if home == (Place{}) {
		return home, false
	}
	s.testify(home.Segment)
	return home, true
}

// write appends a record made in s.rec.
func (s *store) write(kind Kind, b []byte, head int) Place {
	p := s.log.Append(kind, b, head)
	if s.rec = b[:0]; cap(b) > maxScratch {
		s.rec = nil
	}
	return p
}

const (
	maxScratch = 64 << 10
	mostTold   = 1024 // messages in one record, so that it fits any segment

	mostToldAtOnce = 8 * mostTold // by one call, which holds a lock
)

// logFacts writes what is true of messages now and marks them with it. With an
// attempt they are what a receive of that id took.
func (s *store) logFacts(kind Kind, now Time, attempt string, ids []uint32) Place {
	if !s.onDisk() || len(ids) == 0 {
		return Place{}
	}
	b := begin(s.rec[:0], opFacts, s.number, now)
	b = appendText(b, attempt)
	b = binary.AppendUvarint(b, uint64(len(ids)))
	for _, id := range ids {
		f := s.factOf(s.slots.at(id), false)
		b = f.append(b, now, false)
	}
	p := s.write(kind, b, len(b))
	if p == (Place{}) {
		return p // what is on disk is older; the caller's reply says so
	}
	for _, id := range ids {
		s.remark(s.slots.at(id), p.Segment)
	}
	return p
}

// tomb is a message that is gone, and the segment with its content.
type tomb struct {
	seq  uint64
	home uint32
}

// logGone writes that messages are gone, mostTold at most; false: the log took
// nothing.
func (s *store) logGone(kind Kind, now Time, gone ...tomb) bool {
	if !s.onDisk() || len(gone) == 0 {
		return true
	}
	b := begin(s.rec[:0], opGone, s.number, now)
	b = binary.AppendUvarint(b, uint64(len(gone)))
	for _, t := range gone {
		b = binary.AppendUvarint(b, t.seq)
		b = binary.AppendUvarint(b, uint64(t.home))
	}
	p := s.write(kind, b, len(b))
	if p == (Place{}) {
		return false
	}
	for _, t := range gone {
		s.log.Bind(p.Segment, t.home, weightOfTomb)
	}
	return true
}

// logMove writes that message seq of s is the message of d that f tells of now.
// task and moved are where a move task stands with it, 0 for a redrive. The zero
// Place: the log took nothing.
func (s *store) logMove(kind Kind, now Time, seq uint64, d *store, f *fact, task uint64, moved int) Place {
	b := begin(s.rec[:0], opMove, s.number, now)
	b = binary.AppendUvarint(b, task)
	b = binary.AppendUvarint(b, uint64(moved))
	b = binary.AppendUvarint(b, seq)
	b = binary.AppendUvarint(b, uint64(d.number))
	b = f.append(b, now, false)
	p := s.write(kind, b, len(b))
	if p == (Place{}) {
		return p
	}
	s.log.Bind(p.Segment, f.home.Segment, weightOfTomb)
	d.testify(p.Segment)
	if task != 0 {
		s.progressIn(p.Segment)
	}
	return p
}
