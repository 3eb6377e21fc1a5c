package engine

import (
	"errors"
	"fmt"
)

// errRecord is a record that does not fit the state it is replayed into.
var errRecord = errors.New("record does not fit the state")

// apply repeats on s what a record of its queue says. other finds the stores of
// the other queue a record may touch.
func (s *store) apply(o op, now Time, r *reader, other func(queue uint32) *store) error {
	now = s.advance(now)
	switch o {
	case opSend:
		s.replaySend(now, r)
	case opReceive:
		return s.replayReceive(now, r, other)
	case opChange:
		seq, due := r.uint(), r.int()
		id, ok := s.restored[seq]
		if !ok {
			return fmt.Errorf("change of message %d: %w", seq, errRecord)
		}
		s.change(now, id, due)
	case opDelete:
		seq := r.uint()
		id, ok := s.restored[seq]
		if !ok {
			return fmt.Errorf("delete of message %d: %w", seq, errRecord)
		}
		s.remove(now, id)
	case opPurge:
		s.purge()
	case opTransfer:
		return s.replayTransfer(now, r, other)
	default:
		return fmt.Errorf("op %d: %w", o, errRecord)
	}
	if r.bad {
		return fmt.Errorf("op %d is cut short: %w", o, errRecord)
	}
	return nil
}

func (s *store) replaySend(now Time, r *reader) {
	seq, due := r.uint(), r.int()
	var m Message
	copy(m.MD5[:], r.take(16))
	m.Group, m.Dedup, m.Blob = string(r.bytes()), string(r.bytes()), r.bytes()
	if seq <= s.seq || s.set.FIFO && m.Group == "" {
		r.bad = true
	}
	if r.bad {
		return
	}
	if s.set.FIFO && m.Dedup != "" {
		e := s.dedup.entry(m.Group, m.Dedup)
		e.seq, e.at = seq, now
		s.dedup.add(e)
	}
	s.seq = seq
	s.accept(now, seq, &m, due)
}

func (s *store) replayReceive(now Time, r *reader, other func(uint32) *store) error {
	due, attempt := r.int(), string(r.bytes())
	dead, n := uint32(r.uint()), r.uint()
	var taken []Handle
	for range n {
		kind, seq, to := r.byte(), r.uint(), r.uint()
		id, ok := s.restored[seq]
		if !ok || r.bad || kind != stepRepeated && s.slots.at(id).state != visible {
			return fmt.Errorf("receive of message %d: %w", seq, errRecord)
		}
		switch kind {
		case stepReceived:
			m := s.slots.at(id)
			s.receive(now, id, m, due)
			s.rerankIfFIFO(m.group)
			taken = append(taken, Handle{s.number, id, seq, m.receives, now})
		case stepRepeated:
			s.again(now, id, due)
		case stepMoved:
			d := other(dead)
			if d == nil {
				return fmt.Errorf("dead-letter queue %d: %w", dead, errRecord)
			}
			if d != s {
				d.advance(now)
			}
			d.seq = to - 1
			s.bury(now, id, d)
		}
	}
	if due <= now {
		for _, h := range taken {
			s.ripen(now, h.Slot)
		}
	}
	if attempt != "" && len(taken) > 0 {
		s.attempts.add(now, attempt, taken)
	}
	return nil
}

// recovered keeps of restored what handles may name: messages once received.
func (s *store) recovered() {
	s.replaying = false
	for seq, id := range s.restored {
		if s.slots.at(id).receives == 0 {
			delete(s.restored, seq)
		}
	}
}

func (s *store) rerankIfFIFO(gid uint32) {
	if s.set.FIFO {
		s.refresh(gid)
	}
}

func (s *store) replayTransfer(now Time, r *reader, other func(uint32) *store) error {
	seq, to, as, due := r.uint(), uint32(r.uint()), r.uint(), r.int()
	id, ok := s.restored[seq]
	d := other(to)
	if !ok || d == nil || r.bad {
		return fmt.Errorf("transfer of message %d to queue %d: %w", seq, to, errRecord)
	}
	d.advance(now)
	m := s.extract(now, id)
	d.seq = as
	d.accept(now, as, &m, due)
	return nil
}
