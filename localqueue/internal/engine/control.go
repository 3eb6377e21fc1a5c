package engine

import (
	"encoding/json"
	"fmt"
)

// Control is all of a queue but its messages, as its control records carry it:
// the whole, each time, for it is small and changes seldom. Fields may be added;
// a reader ignores those it does not know.
type Control struct {
	Name       Name              `json:"name"`
	Created    Time              `json:"created"`
	Modified   Time              `json:"modified"`
	Config     Config            `json:"config"`
	Tags       map[string]string `json:"tags,omitempty"`
	Deleted    bool              `json:"deleted,omitempty"`
	Purgeable  Time              `json:"purgeable,omitempty"`
	Tasks      []Task            `json:"tasks,omitempty"`
	TasksBegun uint64            `json:"tasksBegun,omitempty"`
}

func (q *Queue) control() Control {
	return Control{q.Name, q.Created, q.Modified, q.Config, q.Tags, q.Deleted, q.purgeable, q.tasks, q.tasksBegun}
}

// SetLog hands every record of every transition to f, which is called under the
// locks of the queues concerned, must not keep the record, and must not call
// back. nil: no records are made.
func (e *Engine) SetLog(f func(record []byte)) {
	e.log = f
	for _, q := range e.numbered {
		if q == nil {
			continue
		}
		if s, ok := q.Messages.(*store); ok {
			s.log = f
		}
	}
}

// note writes the control record of q.
func (e *Engine) note(now Time, q *Queue) {
	if e.log == nil {
		return
	}
	text, err := json.Marshal(q.control())
	if err != nil {
		panic(err) // plain structs of strings and numbers always encode
	}
	e.log(append(begin(nil, opControl, q.Number, now), text...))
}

// Replay repeats what a record says. Records come in the order they were written
// in, into an engine that has seen nothing else. An error says that this record
// does not fit; the state is then not to be used.
func (e *Engine) Replay(record []byte) error {
	r := reader{b: record}
	o, number, now := op(r.byte()), uint32(r.uint()), r.int()
	if r.bad {
		return fmt.Errorf("head is cut short: %w", errRecord)
	}
	if o == opControl {
		return e.replayControl(now, number, r.b)
	}
	s := e.storeOf(number)
	if s == nil {
		return fmt.Errorf("op %d: queue %d: %w", o, number, errRecord)
	}
	if err := s.apply(o, now, &r, e.storeOf); err != nil {
		return fmt.Errorf("queue %d: %w", number, err)
	}
	if t := e.numbered[number-1].running(); o == opTransfer && t != nil {
		t.Moved++
	}
	return nil
}

// Recovered ends the replay: the engine is as it was and goes on. Handles given
// out before stay good.
func (e *Engine) Recovered() {
	for number := range e.numbered {
		if s := e.storeOf(uint32(number + 1)); s != nil {
			s.recovered()
		}
	}
}

func (e *Engine) storeOf(number uint32) *store {
	if number == 0 || int(number) > len(e.numbered) || e.numbered[number-1] == nil {
		return nil
	}
	s, _ := e.numbered[number-1].Messages.(*store)
	return s
}

func (e *Engine) replayControl(now Time, number uint32, text []byte) error {
	var c Control
	if err := json.Unmarshal(text, &c); err != nil {
		return fmt.Errorf("control of queue %d: %w: %w", number, errRecord, err)
	}
	if int(number) == len(e.numbered)+1 {
		e.forget(now)
		delete(e.reusable, c.Name)
		e.enroll(&Queue{Number: number, Name: c.Name, Messages: e.store(number)})
		if s := e.storeOf(number); s != nil {
			s.replaying, s.restored = true, map[uint64]uint32{}
		}
	}
	if number == 0 || int(number) > len(e.numbered) || e.numbered[number-1] == nil {
		return fmt.Errorf("control of queue %d: %w", number, errRecord)
	}
	q := e.numbered[number-1]
	if c.Deleted && !q.Deleted {
		e.Delete(now, q)
	}
	if q.Created == 0 || c.Config.settings(e.maxInFlight) != q.Config.settings(e.maxInFlight) {
		q.Messages.Configure(now, c.Config.settings(e.maxInFlight))
	}
	q.Created, q.Modified, q.Config, q.Tags = c.Created, c.Modified, c.Config, c.Tags
	if q.running() != nil {
		q.moving.Add(-1)
	}
	q.purgeable, q.tasks, q.tasksBegun = c.Purgeable, c.Tasks, c.TasksBegun
	if q.running() != nil {
		q.moving.Add(1)
	}
	return nil
}
