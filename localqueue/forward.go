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
	touched := map[*queue]bool{}
	err := d.log.Scan(segment, func(e journal.Entry) error {
		q := c.queueOf(e.Head)
		if q == nil {
			return nil
		}
		touched[q] = true
		err := c.write(q, len(e.Head)+engine.ForwardCost, func(m engine.Durable, now engine.Time) error {
			at := engine.Place{Segment: e.Pos.Segment, Offset: e.Pos.Offset, Length: e.Length}
			return m.Forward(now, at, e.Head, func(n uint32) bool { return exists[n] })
		})
		if err != nil && !errors.Is(err, errNoQueue) { // whose end is told elsewhere
			return err
		}
		c.copied += len(e.Head)
		return c.pause()
	})
	for q := range touched { // also what was gathered before an error
		more := c.write(q, engine.ForwardCost, func(m engine.Durable, now engine.Time) error { return m.Forwarded(now) })
		if err == nil && !errors.Is(more, errNoQueue) {
			err = more
		}
	}
	if err == nil {
		d.ledger.Unbind(segment)
	}
	return err
}

// queueOf is the queue that a record is of, nil if it is gone.
func (c *cleaner) queueOf(record []byte) *queue {
	c.s.mu.RLock()
	defer c.s.mu.RUnlock()
	eq := c.s.engine.ByNumber(engine.RecordQueue(record))
	if eq == nil {
		return nil
	}
	return c.s.queues[eq.Name]
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
