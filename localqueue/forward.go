package localqueue

import (
	"errors"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// forward writes again what a segment tells of messages that are gone, and of ids.
func (c *cleaner) forward(segment uint32) error {
	d := c.s.disk
	exists := map[uint32]bool{}
	for _, info := range d.log.Segments() {
		exists[info.Number] = true
	}
	err := d.log.Scan(segment, func(e journal.Entry) error {
		c.s.mu.RLock()
		eq := c.s.engine.ByNumber(engine.RecordQueue(e.Head))
		var q *queue
		if eq != nil {
			q = c.s.queues[eq.Name]
		}
		c.s.mu.RUnlock()
		if q == nil {
			return nil
		}
		err := c.write(q, len(e.Head), func(m engine.Durable, now engine.Time) error {
			at := engine.Place{Segment: e.Pos.Segment, Offset: e.Pos.Offset, Length: e.Length}
			return m.Forward(now, at, e.Head, func(n uint32) bool { return exists[n] })
		})
		if err != nil && !errors.Is(err, errNoQueue) { // whose end is told elsewhere
			return err
		}
		c.copied += len(e.Head)
		return c.pause()
	})
	if err == nil {
		d.ledger.Unbind(segment)
	}
	return err
}

// renoteRest writes again what victims tell of queues that are gone, and of the log.
func (c *cleaner) renoteRest(emptied func(uint32) bool) error {
	var at uint32
	for more := true; more; {
		room, err := c.s.admit(engine.MostRenoted*costOfMessage, journal.Clearing)
		if err != nil {
			return err
		}
		c.s.mu.RLock()
		zero := c.s.disk.sink(0)
		zero.admitted, zero.err = true, nil
		more = c.s.engine.RenoteRest(emptied, &at)
		err = zero.err
		zero.admitted = false
		c.s.mu.RUnlock()
		room.Release()
		if err != nil {
			return c.s.disk.broken(err)
		}
	}
	return nil
}

// noted reports whether a victim tells what q is.
func (c *cleaner) noted(q *queue, emptied func(uint32) bool) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return c.s.engine.Noted(q.q, emptied)
}

// write calls f under q's lock with room for n bytes. The error of a queue that is
// gone is errNoQueue.
func (c *cleaner) write(q *queue, n int, f func(engine.Durable, engine.Time) error) error {
	room, err := c.s.admit(n+costOfMessage, journal.Clearing)
	if err != nil {
		return err
	}
	defer room.Release()
	if err := q.lock(); err != nil {
		return err
	}
	q.begin()
	if m, ok := q.q.Messages.(engine.Durable); ok {
		err = f(m, c.s.now())
	}
	if t := q.told(false); err == nil {
		err = t.err
	}
	q.mu.Unlock()
	return err
}
