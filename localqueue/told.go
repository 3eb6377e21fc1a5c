package localqueue

import "errors"

// told is what a call has to wait for before it answers; the zero told is nothing.
type told struct {
	d *disk
	mark
	firm mark // what has to be synced besides
	own  bool // the call wrote it
	err  error
}

// told ends the writing of a call to q. firm: it waits for everything about the queue
// that is to be synced before a reply, also what others wrote, since its answer may
// rest on it (that a message is gone, or a duplicate). Otherwise it waits until all that
// is known of the queue is written, and where receives are to be synced, for what is
// to be synced as well, whatever was written behind it. The caller holds the lock.
func (q *queue) told(firm bool) told {
	s := q.sink
	if s == nil {
		return told{}
	}
	t := told{d: s.d, mark: s.soft, own: s.wrote, err: s.err}
	switch {
	case firm:
		t.mark = s.firm
	case s.d.strict:
		t.firm = s.firm
	}
	s.err, s.admitted, s.wrote = nil, false, false
	return t
}

// wait waits; no lock is held.
func (t told) wait() error {
	switch {
	case t.d == nil:
		return nil
	case t.err != nil:
		return t.d.broken(t.err)
	}
	err := t.await(t.firm)
	if err == nil {
		err = t.await(t.mark)
	}
	return t.d.broken(err)
}

func (t told) await(m mark) error {
	err := t.d.log.Wait(m.ticket)
	if errors.Is(err, ErrFull) && !t.own { // what others wrote then may be there by now
		err = t.d.log.Await(m.pos)
	}
	return err
}

// written waits until all that is known of queues is written, so that nobody is told
// what the end of the process could take back. No lock is held.
func (s *Server) written(queues ...*queue) error {
	if s.disk == nil {
		return nil
	}
	for _, q := range queues {
		q.mu.Lock()
		t := q.known()
		q.mu.Unlock()
		if err := t.wait(); err != nil {
			return err
		}
	}
	return nil
}

// known is what a call has to wait for that only tells what is known of q. The caller
// holds the lock.
func (q *queue) known() told {
	q.begin()
	return q.told(false)
}

// refused reports whether the log refused something of the call under way. The caller
// holds the lock.
func (q *queue) refused() bool { return q.sink != nil && q.sink.err != nil }
