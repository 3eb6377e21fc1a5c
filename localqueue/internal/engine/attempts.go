package engine

import "strings"

// attempts remembers which receives the ReceiveRequestAttemptIds of the last
// five minutes stood for.
type attempts struct {
	byID  map[string]*attempt
	queue []*attempt // in order of time
}

type attempt struct {
	id    string
	at    Time // of its first call
	taken []Handle

	segment uint32 // on disk: what tells of it
}

func (a *attempts) expire(now Time, gone func(segment uint32)) {
	n := 0
	for n < len(a.queue) && a.queue[n].at+int64(AttemptWindow) <= now {
		if x := a.queue[n]; a.byID[x.id] == x {
			delete(a.byID, x.id)
		}
		gone(a.queue[n].segment)
		a.queue[n] = nil
		n++
	}
	a.queue = a.queue[n:]
}

// add remembers what an id stands for from now on. The account of what it stood for
// before ends.
func (a *attempts) add(now Time, id string, taken []Handle, segment uint32, need func(segment uint32, bytes int)) {
	if a.byID == nil {
		a.byID = map[string]*attempt{}
	}
	need(segment, weightOfAttempt)
	if old := a.byID[id]; old != nil {
		need(old.segment, -weightOfAttempt)
		old.segment = 0
	}
	x := &attempt{strings.Clone(id), now, taken, segment}
	a.byID[x.id] = x
	a.queue = append(a.queue, x)
}

// standing is the receive that id still stands for, nil if it has to be made anew.
func (s *store) standing(id string) *attempt {
	x := s.attempts.byID[id]
	if x == nil {
		return nil
	}
	for _, h := range x.taken {
		id, ok := s.locate(h)
		if !ok {
			return nil
		}
		if m := s.slots.at(id); m.receives != h.Receive || m.flags&flagChanged != 0 {
			return nil
		}
	}
	return x
}
