package engine

import (
	"errors"
	"fmt"
)

// errRecord is a record that says nothing sensible.
var errRecord = errors.New("the record is malformed")

// replica is what recovery holds of a queue beside its store, in which messages
// have slots or stand in the backlog but in no order yet.
type replica struct {
	control *Control       // the latest; nil: none yet
	noted   uint32         // the segment that has it
	runs    []*backlog     // never received and found out of order, since they were copied
	tasks   map[uint64]int // by move task: what it moved, at least
	began   Time           // when recovery did; 0: not told
}

// maxQueues bounds the numbers that a record may name.
const maxQueues = 1 << 26

// Replay learns what a record says, of which at least the head is given. Records
// come in the order they were written in, into an engine that has seen nothing
// else; older ones may be missing where what they say is no longer needed. An
// error says that the record is none; the state is then not to be used.
func (e *Engine) Replay(at Place, record []byte) error {
	r := reader{b: record}
	o, number, now := op(r.byte()), r.uint(), r.int()
	if r.bad || number > maxQueues || now == Never { // nothing happens when there is nothing that could
		return fmt.Errorf("op %d of queue %d: %w", o, number, errRecord)
	}
	if o == opControl {
		return e.replayControl(at, uint32(number), now, r.b)
	}
	if number == 0 {
		return fmt.Errorf("op %d of no queue: %w", o, errRecord)
	}
	s := e.replica(uint32(number))
	s.now = max(s.now, now)
	if o == opMove {
		e.replayMove(s, now, at, &r)
	} else {
		s.replay(o, now, at, &r)
	}
	if r.bad {
		return fmt.Errorf("op %d of queue %d: %w", o, number, errRecord)
	}
	return nil
}

// replica is the store of a queue that may not have been heard of yet.
func (e *Engine) replica(number uint32) *store {
	if s := e.replicas[number]; s != nil {
		return s
	}
	s := newStore(number)
	s.log = e.logs(number)
	s.replaying = &replica{tasks: map[uint64]int{}, began: e.Began}
	if e.replicas == nil {
		e.replicas = map[uint32]*store{}
	}
	e.replicas[number] = s
	return s
}

func (s *store) replay(o op, now Time, at Place, r *reader) {
	switch o {
	case opSend:
		s.replaySend(now, at, r)
	case opCopy:
		f := r.fact(now, true)
		if !r.bad {
			s.log.Copied(at.Segment, f.home.Segment)
			s.replayCopy(now, at, &f)
		}
	case opFacts:
		s.replayFacts(now, at, r)
	case opGone:
		for n := r.count(); n > 0 && !r.bad; n-- {
			seq, home := r.uint(), uint32(r.uint())
			s.log.Bind(at.Segment, home, weightOfTomb)
			s.lose(seq)
		}
	case opDedups:
		for n := r.count(); n > 0 && !r.bad; n-- {
			group, id, seq, accepted := r.bytes(), r.bytes(), r.uint(), now+r.int()
			s.accepted(group, id, seq, accepted, at)
		}
	case opAttempt:
		s.replayAttempt(now, at, r)
	default:
		r.bad = true
	}
}

// count is how many things follow, none of which is empty.
func (r *reader) count() uint64 {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.b, r.bad = nil, true
		return 0
	}
	return n
}

func (s *store) replaySend(now Time, at Place, r *reader) {
	seq, due, group, dedup := r.uint(), now+r.int(), r.bytes(), r.bytes()
	if r.bad {
		return
	}
	s.seq, s.witness = max(s.seq, seq), at.Segment
	if len(dedup) > 0 {
		s.accepted(group, dedup, seq, now, at)
	}
	if seq <= s.purged || len(group) == 0 && due <= now && s.cold.push(cold{seq, now, at}) {
		return
	}
	id := s.revive(seq)
	m := s.slots.at(id)
	*m = slot{seq: seq, sent: now, due: due, state: visible, group: s.groupNamed(group)}
	m.setHome(at)
}

// least is a time that recovery does not end before.
func (s *store) least() Time { return max(s.now, s.replaying.began) }

// accepted remembers a deduplication id, if it is of use when recovery ends, and
// forgets others: there may be many more in the log than of five minutes.
func (s *store) accepted(group, id []byte, seq uint64, at Time, where Place) {
	if least := s.least(); seq > s.purged && at+int64(DedupWindow) > least {
		s.dedup.expire(least, func(uint32) {})
		e := s.dedup.entry(string(group), string(id))
		e.seq, e.at, e.segment = seq, at, where.Segment
		s.dedup.queue.push(e)
	}
}

// attempted remembers an attempt likewise.
func (s *store) attempted(made Time, id []byte, taken []Handle, where Place) {
	if least := s.least(); len(taken) > 0 && made+int64(AttemptWindow) > least {
		s.attempts.expire(least, func(uint32) {})
		s.attempts.add(made, string(id), taken, where.Segment, s.need)
	}
}

func (s *store) replayFacts(now Time, at Place, r *reader) {
	attempt := r.bytes()
	var taken []Handle
	for n := r.count(); n > 0 && !r.bad; n-- {
		f := r.fact(now, false)
		if r.bad {
			return
		}
		s.learn(&f, at.Segment, f.flags&flagAway != 0)
		if len(attempt) > 0 {
			taken = append(taken, Handle{Queue: s.number, Seq: f.seq, Receive: f.receives, At: now})
		}
	}
	s.attempted(now, attempt, taken, at)
}

func (s *store) replayAttempt(now Time, at Place, r *reader) {
	id, made := r.bytes(), now+r.int()
	var taken []Handle
	for n := r.count(); n > 0 && !r.bad; n-- {
		taken = append(taken, Handle{Queue: s.number, Seq: r.uint(), Receive: uint32(r.uint()), At: made})
	}
	if !r.bad {
		s.attempted(made, id, taken, at)
	}
}

func (e *Engine) replayMove(s *store, now Time, at Place, r *reader) {
	v := r.move(now)
	if r.bad {
		return
	}
	if v.task != 0 {
		s.replaying.tasks[v.task] = max(s.replaying.tasks[v.task], v.count)
		s.progress = at.Segment
	}
	s.log.Bind(at.Segment, v.there.home.Segment, weightOfTomb)
	s.lose(v.seq)
	d := e.replica(v.to)
	d.seq, d.witness, d.now = max(d.seq, v.there.seq), at.Segment, max(d.now, now)
	d.learn(&v.there, at.Segment, true)
}
