package localqueue

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// empty writes what is needed of the victims again. False: there are none, or it had
// to stop.
func (c *cleaner) empty() bool {
	victims := c.victims()
	if len(victims) == 0 {
		return false
	}
	emptied := func(n uint32) bool { return slices.Contains(victims, n) }
	for _, n := range victims {
		err := c.s.disk.log.Seal(n) // it may be the one written to
		if err == nil {
			err = c.forward(n)
		}
		if err != nil {
			return c.note(err)
		}
	}
	if err := c.renoteRest(emptied); err != nil {
		return c.note(err)
	}
	c.s.mu.RLock()
	queues := slices.Collect(maps.Values(c.s.queues))
	c.s.mu.RUnlock()
	for _, q := range queues {
		err := c.rewrite(q, emptied)
		if err == nil {
			err = c.restate(q, emptied)
		}
		if err != nil && !errors.Is(err, errNoQueue) {
			return c.note(err)
		}
	}
	for _, n := range victims {
		if !c.s.disk.ledger.Dead(n) { // what was received meanwhile was missed
			c.tried(n, 1)
		}
	}
	return true
}

// rewrite writes the messages of q again whose content stands in a victim.
func (c *cleaner) rewrite(q *queue, emptied func(uint32) bool) error {
	var err error
	if c.noted(q, emptied) {
		err = c.write(q, costOfControl, func(_ engine.Durable, now engine.Time) error {
			c.s.engine.Renote(now, q.q)
			return nil
		})
	}
	var at engine.Cursor
	var list []engine.Resident
	for more := true; more && err == nil; {
		err = c.write(q, 0, func(m engine.Durable, _ engine.Time) error {
			list, more = m.Residents(emptied, &at, list[:0])
			return nil
		})
		if err == nil {
			err = c.copy(q, list)
		}
	}
	return err
}

// copy reads residents and writes them again.
func (c *cleaner) copy(q *queue, list []engine.Resident) error {
	slices.SortFunc(list, func(a, b engine.Resident) int {
		return cmp.Or(cmp.Compare(a.Home.Segment, b.Home.Segment), cmp.Compare(a.Home.Offset, b.Home.Offset))
	})
	var buf []byte
	for len(list) > 0 {
		var spans []journal.Span
		for size := 0; len(spans) < len(list) && size < cleanPause; {
			h := list[len(spans)].Home
			spans = append(spans, journal.Span{Pos: journal.Pos{Segment: h.Segment, Offset: h.Offset}, Length: h.Length})
			size += int(h.Length)
		}
		var err error
		buf, err = c.s.disk.log.Read(buf, spans, func(i int, record []byte) error {
			c.copied += len(record)
			err := c.write(q, len(record), func(m engine.Durable, now engine.Time) error {
				m.Rewrite(now, list[i], record)
				return nil
			})
			if errors.Is(err, journal.ErrTooLong) {
				return &stuck{list[i].Home.Segment, err}
			}
			return err
		})
		if err != nil {
			return err
		}
		list = list[len(spans):]
		if err := c.pause(); err != nil {
			return err
		}
	}
	return nil
}

// pause bounds the rate.
func (c *cleaner) pause() error {
	if c.copied < cleanPause {
		return c.s.stopping()
	}
	timer := time.NewTimer(time.Duration(c.copied) * time.Second / cleanRate)
	defer timer.Stop()
	c.copied = 0
	select {
	case <-timer.C:
		return nil
	case <-c.s.done:
		return ErrClosed
	}
}

// restate writes facts of q again that stand in a victim.
func (c *cleaner) restate(q *queue, emptied func(uint32) bool) (err error) {
	var at engine.Cursor
	for more := true; more && err == nil; {
		err = c.write(q, costOfReceive, func(m engine.Durable, now engine.Time) error {
			more = m.Restate(now, emptied, &at)
			return nil
		})
	}
	return err
}
