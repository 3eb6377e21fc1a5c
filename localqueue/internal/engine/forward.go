package engine

import "encoding/binary"

// mostForwarded is how many tombstones Forward gathers to write them at once; each takes
// 15 bytes then, at the most.
const mostForwarded = 256

// ForwardCost is what Forward or Forwarded writes at the most, beside the record's own
// bytes.
const ForwardCost = 15*mostForwarded + 64

func (s *store) Forward(now Time, at Place, record []byte, exists func(uint32) bool) error {
	now = s.advance(now)
	r := reader{b: record}
	o, _, then := op(r.byte()), r.uint(), r.int()
	bury := func(seq uint64, home uint32) {
		if home != at.Segment && exists(home) && seq > s.purged {
			s.forwarded = append(s.forwarded, tomb{seq, home})
		}
	}
	switch o {
	case opSend:
		seq, _, group, id := r.uint(), r.int(), r.bytes(), r.bytes()
		if len(id) > 0 {
			s.forwardDedup(now, at, group, id, seq)
		}
	case opDedups:
		for n := r.count(); n > 0 && !r.bad; n-- {
			group, id, seq := r.bytes(), r.bytes(), r.uint()
			r.int()
			s.forwardDedup(now, at, group, id, seq)
		}
	case opGone:
		for n := r.count(); n > 0 && !r.bad; n-- {
			bury(r.uint(), uint32(r.uint()))
		}
	case opMove:
		v := r.move(then)
		bury(v.seq, v.there.home.Segment)
	case opFacts, opAttempt:
		s.forwardAttempt(now, at, r.bytes())
	}
	if r.bad {
		return errRecord
	}
	if len(s.forwarded) < mostForwarded {
		return nil
	}
	return s.Forwarded(now)
}

func (s *store) Forwarded(now Time) error {
	gone := s.forwarded
	s.forwarded = nil
	for len(gone) > 0 {
		n := min(len(gone), mostTold)
		if !s.logGone(KindCopy, now, gone[:n]...) {
			return ErrRefused
		}
		gone = gone[n:]
	}
	return nil
}

// forwardDedup writes a deduplication id again if this is the record that tells of it.
func (s *store) forwardDedup(now Time, at Place, group, id []byte, seq uint64) {
	e := s.dedup.entry(string(group), string(id))
	known := s.dedup.written(&e, seq, at.Segment)
	if known == nil {
		return
	}
	b := begin(s.rec[:0], opDedups, s.number, now)
	b = binary.AppendUvarint(b, 1)
	b = appendText(b, group)
	b = appendText(b, id)
	b = binary.AppendUvarint(b, seq)
	b = binary.AppendVarint(b, known.at-now)
	if p := s.write(KindCopy, b, len(b)); p != (Place{}) {
		s.need(known.segment, -weightOfDedup)
		s.need(p.Segment, weightOfDedup)
		known.segment = p.Segment
	}
}

// forwardAttempt does so for an attempt.
func (s *store) forwardAttempt(now Time, at Place, id []byte) {
	x := s.attempts.byID[string(id)]
	if x == nil || x.segment != at.Segment {
		return
	}
	b := begin(s.rec[:0], opAttempt, s.number, now)
	b = appendText(b, id)
	b = binary.AppendVarint(b, x.at-now)
	b = binary.AppendUvarint(b, uint64(len(x.taken)))
	for _, h := range x.taken {
		b = binary.AppendUvarint(b, h.Seq)
		b = binary.AppendUvarint(b, uint64(h.Receive))
	}
	if p := s.write(KindCopy, b, len(b)); p != (Place{}) {
		s.need(x.segment, -weightOfAttempt)
		s.need(p.Segment, weightOfAttempt)
		x.segment = p.Segment
	}
}
