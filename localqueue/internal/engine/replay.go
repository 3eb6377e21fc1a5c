package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
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
	if r.bad || number > maxQueues {
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
	s.restored = map[uint64]uint32{}
	s.replaying = &replica{tasks: map[uint64]int{}}
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
			s.log.Bind(at.Segment, f.home.Segment, true)
			s.replayCopy(now, at, &f)
		}
	case opFacts:
		s.replayFacts(now, at, r)
	case opGone:
		for n := r.count(); n > 0 && !r.bad; n-- {
			seq, home := r.uint(), uint32(r.uint())
			s.log.Bind(at.Segment, home, false)
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

// accepted remembers a deduplication id.
func (s *store) accepted(group, id []byte, seq uint64, at Time, where Place) {
	if seq > s.purged {
		e := s.dedup.entry(string(group), string(id))
		e.seq, e.at, e.segment = seq, at, where.Segment
		s.dedup.queue = append(s.dedup.queue, e)
	}
}

// revive is a slot for message seq, its own if it has one.
func (s *store) revive(seq uint64) uint32 {
	id, ok := s.restored[seq]
	if !ok {
		id = s.slots.alloc()
		s.restored[seq] = id
	}
	return id
}

func (s *store) groupNamed(name []byte) uint32 {
	if len(name) == 0 {
		return 0
	}
	return s.groups.make(string(name), true) // recovery's end makes tenants of them
}

// recall is the slot of a message that is known, which leaves the backlog for it.
func (s *store) recall(seq uint64) (uint32, bool) {
	id, ok := s.restored[seq]
	if ok {
		return id, true
	}
	c, ok := s.cold.take(seq)
	for _, run := range s.replaying.runs {
		if !ok && run.covers(seq) {
			c, ok = run.take(seq)
		}
	}
	if !ok {
		return 0, false
	}
	return s.unfreeze(c), true
}

// lose forgets a message.
func (s *store) lose(seq uint64) {
	id, ok := s.restored[seq]
	if ok {
		delete(s.restored, seq)
		delete(s.moved, seq)
		s.slots.release(id)
		return
	}
	if _, ok = s.cold.take(seq); ok {
		return
	}
	for _, run := range s.replaying.runs {
		if run.covers(seq) {
			run.take(seq)
		}
	}
}

func (s *store) replayCopy(now Time, at Place, f *fact) {
	f.home = at
	f.flags &^= flagAway // it is at home in this record
	s.seq = max(s.seq, f.seq)
	if f.seq <= s.purged {
		return
	}
	if f.receives > 0 || f.flags != 0 || len(f.group) > 0 || f.due > now {
		s.learn(f, 0, true)
		return
	}
	if s.cold.move(f.seq, at) {
		return
	}
	for _, run := range s.replaying.runs {
		if run.covers(f.seq) && run.move(f.seq, at) {
			return
		}
	}
	if _, known := s.recall(f.seq); known || !s.stray(cold{f.seq, f.sent, at}) {
		s.learn(f, 0, true)
	}
}

// stray adds a message out of order; false: it does not fit.
func (s *store) stray(c cold) bool {
	runs := s.replaying.runs
	if n := len(runs); n > 0 && runs[n-1].push(c) {
		return true
	}
	run := new(backlog)
	if !run.push(c) {
		return false
	}
	s.replaying.runs = append(runs, run)
	return true
}

// learn takes in a fact, marked in segment; whole: it says everything.
func (s *store) learn(f *fact, segment uint32, whole bool) {
	id, ok := s.recall(f.seq)
	switch {
	case f.seq <= s.purged, !ok && !whole:
		return
	case !ok:
		id = s.revive(f.seq)
		*s.slots.at(id) = slot{seq: f.seq, state: visible}
	}
	m := s.slots.at(id)
	m.receives, m.first, m.due = f.receives, f.first, f.due
	m.flags = m.flags&^flagChanged | f.flags&flagChanged
	m.setMark(segment)
	if !whole {
		return
	}
	m.flags = f.flags
	m.sent, m.group = f.sent, s.groupNamed(f.group)
	m.setHome(f.home)
	if f.flags&flagMoved != 0 {
		if s.moved == nil {
			s.moved = map[uint64]arrival{}
		}
		s.moved[f.seq] = f.arrival
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
	if len(taken) > 0 {
		s.attempts.add(now, string(attempt), taken, at.Segment, s.need)
	}
}

func (s *store) replayAttempt(now Time, at Place, r *reader) {
	id, made := string(r.bytes()), now+r.int()
	var taken []Handle
	for n := r.count(); n > 0 && !r.bad; n-- {
		taken = append(taken, Handle{Queue: s.number, Seq: r.uint(), Receive: uint32(r.uint()), At: made})
	}
	if !r.bad {
		s.attempts.add(made, id, taken, at.Segment, s.need)
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
	s.log.Bind(at.Segment, v.there.home.Segment, false)
	s.lose(v.seq)
	d := e.replica(v.to)
	d.seq, d.witness, d.now = max(d.seq, v.there.seq), at.Segment, max(d.now, now)
	d.learn(&v.there, at.Segment, true)
}

func (e *Engine) replayControl(at Place, number uint32, now Time, text []byte) error {
	c := new(Control)
	if err := json.Unmarshal(text, c); err != nil {
		return fmt.Errorf("control of queue %d: %w: %w", number, errRecord, err)
	}
	if number == 0 {
		e.swapNoted(0, at.Segment)
		if copy(e.key[:], c.Key) != len(e.key) {
			return fmt.Errorf("control of no queue: %w", errRecord)
		}
		return nil
	}
	s := e.replica(number)
	s.replaying.control, s.replaying.noted = c, at.Segment
	s.now = max(s.now, now)
	s.seq, s.witness, s.progress = max(s.seq, c.Seq), at.Segment, 0
	if c.Purged > s.purged || c.Deleted != 0 {
		s.replayPurge(c.Purged, c.Deleted != 0)
	}
	return nil
}

// replayPurge forgets the messages up to a number, or all.
func (s *store) replayPurge(purged uint64, all bool) {
	if s.purged = purged; all {
		s.clear()
		s.restored, s.replaying.runs = map[uint64]uint32{}, nil
		return
	}
	for _, b := range append(s.replaying.runs, &s.cold) {
		for b.n > 0 && b.first().seq <= purged {
			b.pop()
		}
	}
	for seq := range s.restored {
		if seq <= purged {
			s.lose(seq)
		}
	}
	s.dedup.queue = slices.DeleteFunc(s.dedup.queue, func(e dedupEntry) bool { return e.seq <= purged })
	s.attempts.queue = slices.DeleteFunc(s.attempts.queue, func(x *attempt) bool { return x.taken[0].Seq <= purged })
}
