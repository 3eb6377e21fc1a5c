package engine

import "encoding/binary"

// Place is where the record with a message's content stands in a log. The zero
// Place is nowhere: the content is in memory, or the log took no record.
type Place struct{ Segment, Offset, Length uint32 }

// Kind is what a record is about, for whoever decides how safe it has to be
// before a reply.
type Kind uint8

// Kinds of records.
const (
	KindSend    Kind = iota
	KindReceive      // also of a redrive to a dead-letter queue
	KindChange
	KindDelete
	KindExpire // of messages past their retention
	KindMove   // a step of a move task
	KindControl
	KindCopy // what stood in a segment that is being emptied
)

// Log takes the records of a queue and keeps account of what in them is needed.
// It is called under the locks of the queues concerned; it must not wait, keep a
// record, or call back.
type Log interface {
	// Append takes a record, the first head bytes of which recovery needs, and says
	// where it stands: the zero Place if it was refused.
	Append(kind Kind, record []byte, head int) Place
	// Need books bytes (about) of a segment as needed, or, negative, as needed no more.
	Need(segment uint32, bytes int)
	// Bind says that segment in must stay as long as segment until does, since it tells of
	// a message in there that it is gone, which takes bytes (about) to write again.
	Bind(in, until uint32, bytes int)
	// Copied says the same, since it has a copy of one, which no tombstone can stand in for.
	Copied(in, until uint32)
}

// What small facts weigh in a segment's account, in bytes, about.
const (
	weightOfPlace   = 16 // beside its record
	weightOfFact    = 16
	weightOfTomb    = 8 // among others, as Forward writes it
	weightOfDedup   = 64
	weightOfAttempt = 64
	weightOfControl = 256
	weightOfWitness = 1
)

func (p Place) weight() int { return int(p.Length) + weightOfPlace }

// On disk the 16 bytes of a slot that hold an MD5 in memory hold the length of
// the message's record and the segment of the latest fact about it (its mark; 0:
// the record says all); the MD5 stands in the record.

func (m *slot) home() Place {
	return Place{m.where.block, m.where.offset, binary.LittleEndian.Uint32(m.md5[0:])}
}

func (m *slot) setHome(p Place) {
	m.where = ref{p.Segment, p.Offset}
	binary.LittleEndian.PutUint32(m.md5[0:], p.Length)
}

func (m *slot) mark() uint32 { return binary.LittleEndian.Uint32(m.md5[4:]) }

func (m *slot) setMark(segment uint32) { binary.LittleEndian.PutUint32(m.md5[4:], segment) }

// onDisk reports whether the contents of messages stand in a log.
func (s *store) onDisk() bool { return s.log != nil }

// need is Log.Need; segment 0 is none.
func (s *store) need(segment uint32, bytes int) {
	if segment != 0 && s.replaying == nil {
		s.log.Need(segment, bytes)
	}
}

// remark notes that the latest fact about m stands in segment.
func (s *store) remark(m *slot, segment uint32) {
	if old := m.mark(); old != segment {
		s.need(segment, weightOfFact)
		s.need(old, -weightOfFact)
		m.setMark(segment)
	}
}

// rehome notes that m's content stands at p now, which says all about it.
func (s *store) rehome(m *slot, p Place) {
	s.need(p.Segment, p.weight())
	s.need(m.where.block, -m.home().weight())
	m.setHome(p)
	s.remark(m, 0)
	m.flags &^= flagAway
}

// testify notes that segment tells the last sequence number given.
func (s *store) testify(segment uint32) {
	if segment != 0 && segment != s.witness {
		s.need(segment, weightOfWitness)
		s.need(s.witness, -weightOfWitness)
		s.witness = segment
	}
}

// progressIn notes that segment tells how far the queue's move task is; 0: the
// latest control does.
func (s *store) progressIn(segment uint32) {
	if segment != s.progress {
		s.need(segment, weightOfWitness)
		s.need(s.progress, -weightOfWitness)
		s.progress = segment
	}
}

// disown ends the account of a message that goes.
func (s *store) disown(m *slot) {
	s.need(m.where.block, -m.home().weight())
	s.need(m.mark(), -weightOfFact)
}
