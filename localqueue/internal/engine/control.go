package engine

import (
	"bytes"
	"encoding/json"
	"slices"
)

// Control is all of a queue but its messages, as its control records carry it:
// the whole, each time, for it is small and changes seldom. Fields may be added;
// a reader ignores those it does not know. The control of queue 0 is the key alone.
type Control struct {
	Key        []byte            `json:"key,omitempty"`
	Name       Name              `json:"name"`
	Created    Time              `json:"created"`
	Modified   Time              `json:"modified"`
	Config     Config            `json:"config"`
	Tags       map[string]string `json:"tags,omitempty"`
	Deleted    Time              `json:"deleted,omitempty"`
	Purgeable  Time              `json:"purgeable,omitempty"`
	Tasks      []Task            `json:"tasks,omitempty"`
	TasksBegun uint64            `json:"tasksBegun,omitempty"`

	Seq        uint64 `json:"seq,omitempty"`    // the last number given to a message
	Purged     uint64 `json:"purged,omitempty"` // messages up to this number are gone
	GroupScope bool   `json:"groupScope,omitempty"`
	ScopeAt    Time   `json:"scopeAt,omitempty"` // when Config.GroupScope takes effect; 0: it has
}

func (q *Queue) control() Control {
	c := Control{
		Name: q.Name, Created: q.Created, Modified: q.Modified, Config: q.Config, Tags: q.Tags,
		Purgeable: q.purgeable, Tasks: q.tasks, TasksBegun: q.tasksBegun,
	}
	if s, ok := q.Messages.(*store); ok {
		c.Seq, c.Purged, c.GroupScope = s.seq, s.purged, s.dedup.group
		if s.scopeAt != Never {
			c.ScopeAt = s.scopeAt
		}
	}
	return c
}

// SetLogs makes the engine write what it does, and keep contents on disk: logs
// makes the Log of a queue; that of 0 takes what is no queue's. It is called once,
// before there are queues.
func (e *Engine) SetLogs(logs func(queue uint32) Log) { e.logs = logs }

// Begin writes what a log without records has to begin with. False: it was refused.
func (e *Engine) Begin() bool { return e.write(e.logs(0), 0, 0, Control{Key: e.key[:]}) != 0 }

// note writes the control record of q. False: the log refused.
func (e *Engine) note(now Time, q *Queue) bool {
	if q.log == nil {
		return true
	}
	segment := e.write(q.log, q.Number, now, q.control())
	if s, ok := q.Messages.(*store); ok && segment != 0 {
		s.testify(segment)
		s.progressIn(0)
	}
	return segment != 0
}

// change changes q by f and writes it. What the log refuses is undone, and false;
// the log says why itself.
func (e *Engine) change(now Time, q *Queue, f func()) bool {
	before, tasks, ran := *q, slices.Clone(q.tasks), q.running() != nil
	f()
	if e.note(now, q) {
		return true
	}
	switch runs := q.running() != nil; {
	case ran && !runs:
		q.moving.Add(1)
	case runs && !ran:
		q.moving.Add(-1)
	}
	q.Modified, q.Config, q.Tags, q.purgeable = before.Modified, before.Config, before.Tags, before.purgeable
	q.tasks, q.tasksBegun = tasks, before.tasksBegun
	return false
}

// bury writes that the queue of this number is deleted. False: the log refused.
func (e *Engine) bury(log Log, number uint32, at Time) bool {
	return e.write(log, number, at, Control{Name: e.given[number-1], Deleted: at}) != 0
}

// write appends a control record and says in which segment; 0: it was refused.
func (e *Engine) write(log Log, number uint32, now Time, c Control) uint32 {
	text := bytes.NewBuffer(begin(nil, opControl, number, now))
	plain := json.NewEncoder(text)
	plain.SetEscapeHTML(false) // which no browser reads
	if err := plain.Encode(c); err != nil {
		panic(err) // plain structs of strings and numbers always encode
	}
	b := bytes.TrimSuffix(text.Bytes(), []byte("\n"))
	p := log.Append(KindControl, b, len(b))
	if p == (Place{}) {
		return 0
	}
	log.Need(p.Segment, weightOfControl)
	log.Need(e.swapNoted(number, p.Segment), -weightOfControl)
	return p.Segment
}

// swapNoted notes where the latest control of a queue stands, and returns where
// the one before does.
func (e *Engine) swapNoted(number, segment uint32) (old uint32) {
	e.notedMu.Lock()
	defer e.notedMu.Unlock()
	if n := int(number) + 1; n > len(e.noted) {
		e.noted = append(e.noted, make([]uint32, n-len(e.noted))...)
	}
	old, e.noted[number] = e.noted[number], segment
	return old
}

func (e *Engine) notedAt(number uint32) uint32 {
	e.notedMu.Lock()
	defer e.notedMu.Unlock()
	if int(number) < len(e.noted) {
		return e.noted[number]
	}
	return 0
}

// Leap passes over n sequence numbers of q, and writes that. False: it was refused.
// The queue is held.
func (e *Engine) Leap(now Time, q *Queue, n uint64) bool {
	s, ok := q.Messages.(*store)
	if !ok {
		return true
	}
	now = s.advance(now)
	s.seq += n
	return e.note(now, q)
}

// Noted reports whether what tells of q, or of its last number, stands in segments that
// are being emptied. The queue is held.
func (e *Engine) Noted(q *Queue, emptied func(segment uint32) bool) bool {
	s, ok := q.Messages.(*store)
	return ok && !q.Deleted && (emptied(s.witness) || emptied(s.progress) || emptied(e.notedAt(q.Number)))
}

// Renote writes q's control again. The queue is held.
func (e *Engine) Renote(now Time, q *Queue) {
	if s, ok := q.Messages.(*store); ok && !q.Deleted {
		e.note(s.advance(now), q)
	}
}

// MostRenoted is how many records one RenoteRest writes.
const MostRenoted = 8

// RenoteRest does so for the key and for queues that are gone, from *at on, and moves
// *at forward; false: those were the last. The registry is held.
func (e *Engine) RenoteRest(emptied func(segment uint32) bool, at *uint32) (more bool) {
	log, n := e.logs(0), 0
	if *at == 0 && emptied(e.notedAt(0)) {
		e.Begin()
	}
	for *at < uint32(len(e.numbered)) {
		i := *at
		*at++
		if number := i + 1; e.numbered[i] == nil && emptied(e.notedAt(number)) {
			gone := Time(1)
			if e.reusable[e.given[i]] != 0 {
				gone = e.reusable[e.given[i]] - recreateAfter
			}
			e.bury(log, number, gone)
			if n++; n == MostRenoted {
				return true
			}
		}
	}
	return false
}

// Queues are the queues that exist, by number.
func (e *Engine) Queues() []*Queue {
	return slices.DeleteFunc(slices.Clone(e.numbered), func(q *Queue) bool { return q == nil })
}

// ByNumber is the queue that has this number, nil if none has.
func (e *Engine) ByNumber(number uint32) *Queue {
	if number == 0 || int(number) > len(e.numbered) {
		return nil
	}
	return e.numbered[number-1]
}
