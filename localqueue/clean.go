package localqueue

import (
	"cmp"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// cleaner gives back the room of what is not needed any more: it drops segments that
// nothing needs, and empties those that little needs by writing that little again. Its
// goroutine sleeps until a segment was sealed or is needed for nothing.
type cleaner struct {
	s       *Server
	wake    chan struct{}
	stopped sync.WaitGroup
	copied  int            // bytes since the last pause
	tries   map[uint32]int // how often segments were emptied in vain
}

// Segments are emptied while more than what is needed of all, and half a segment, is
// not needed: the disk holds at most twice what is needed, and a little. The one that
// was sealed last is left alone: much of it may yet go by itself.
const (
	cleanRate   = 64 << 20 // bytes a second that are written again, at most
	cleanPause  = 1 << 20  // bytes between two pauses
	mostVictims = 16
	mostTries   = 3
	cleanAgain  = time.Second // on a full disk, where nothing is sealed that would wake the cleaner
)

// stuck is a segment that cannot be emptied: something in it cannot be read, or fits
// no segment of the size that is in force.
type stuck struct {
	segment uint32
	err     error
}

func (e *stuck) Error() string { return e.err.Error() }
func (e *stuck) Unwrap() error { return e.err }

func (c *cleaner) start(s *Server) {
	c.s = s
	c.stopped.Add(1)
	go c.run()
	c.look()
}

// look lets the cleaner look again. It never waits.
func (c *cleaner) look() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *cleaner) run() {
	defer c.stopped.Done()
	for {
		if !c.sleep() {
			return
		}
		for c.drop() && c.empty() {
		}
	}
}

// sleep waits until there may be something to do; false: the server is closed.
func (c *cleaner) sleep() bool {
	var again <-chan time.Time
	if c.s.disk.log.Full() {
		timer := time.NewTimer(cleanAgain)
		defer timer.Stop()
		again = timer.C
	}
	select {
	case <-c.wake:
	case <-again:
	case <-c.s.done:
		return false
	}
	return true
}

// drop drops the dead segments. False: the log has ended.
func (c *cleaner) drop() bool {
	d := c.s.disk
	for {
		var dead []uint32
		for _, info := range c.settled() {
			if info.Sealed && d.ledger.Dead(info.Number) {
				dead = append(dead, info.Number)
			}
		}
		if len(dead) == 0 {
			return true
		}
		if d.log.Drop(dead...) != nil {
			return false // whoever uses the log meets the error, too
		}
		d.ledger.Dropped(dead...)
	}
}

// settled are the segments, such that whatever is written to those that are sealed is
// in the account: a record is written and accounted for under a queue's lock.
func (c *cleaner) settled() []journal.SegmentInfo {
	list := c.s.disk.log.Segments()
	c.s.mu.RLock()
	defer c.s.mu.RUnlock()
	for _, q := range c.s.queues {
		q.mu.Lock()
		q.mu.Unlock() //lint:ignore SA2001 whoever held it has accounted for what it wrote
	}
	return list
}

// victims are the segments to be emptied next, those that least is needed of.
func (c *cleaner) victims() (list []uint32) {
	d := c.s.disk
	var sealed []journal.SegmentInfo
	var waste, need, size int64
	for _, info := range c.settled() {
		need += d.ledger.Needed(info.Number)
		if info.Sealed {
			sealed = append(sealed, info)
		}
	}
	sealed = sealed[:max(0, len(sealed)-1)]
	for _, info := range sealed {
		waste += info.Used - d.ledger.Needed(info.Number)
		size = max(size, info.Size)
	}
	slices.SortFunc(sealed, func(a, b journal.SegmentInfo) int {
		return cmp.Compare(d.ledger.Needed(a.Number)*1000/max(a.Used, 1), d.ledger.Needed(b.Number)*1000/max(b.Used, 1))
	})
	most, enough := mostVictims, need+size/2
	if d.log.Full() { // what little room there is goes for one at a time
		most, enough = 1, size
	}
	var batch int64
	for _, info := range sealed {
		if waste <= enough || len(list) == most {
			break
		}
		n := d.ledger.Needed(info.Number)
		if !d.ledger.Clearable(info.Number) || c.tries[info.Number] == mostTries {
			continue
		}
		if batch += n; len(list) > 0 && batch > size || n > info.Used*3/4 {
			break
		}
		waste -= info.Used - n
		list = append(list, info.Number)
	}
	return list
}

// empty writes what is needed of the victims again. False: there are none, or it had
// to stop.
func (c *cleaner) empty() bool {
	victims := c.victims()
	if len(victims) == 0 {
		return false
	}
	emptied := func(n uint32) bool { return slices.Contains(victims, n) }
	for _, n := range victims {
		if err := c.forward(n); err != nil {
			return c.note(err)
		}
	}
	c.s.mu.RLock()
	c.s.engine.RenoteRest(emptied)
	queues := make([]*queue, 0, len(c.s.queues))
	for _, q := range c.s.queues {
		queues = append(queues, q)
	}
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

// tried notes that a segment was emptied in vain.
func (c *cleaner) tried(segment uint32, times int) {
	if c.tries == nil {
		c.tries = map[uint32]int{}
	}
	c.tries[segment] = min(c.tries[segment]+times, mostTries)
}

// note remembers which segment is stuck: whoever reads the message in it is told, and
// the other segments can be emptied all the same. Other errors are met by those who
// use the server. False, for empty.
func (c *cleaner) note(err error) bool {
	var d *journal.DamageError
	var s *stuck
	switch {
	case errors.As(err, &d):
		c.tried(d.Pos.Segment, mostTries)
		c.look()
	case errors.As(err, &s):
		c.tried(s.segment, mostTries)
		c.look()
	}
	return false
}

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
		if errors.Is(err, errNoQueue) { // its end is told elsewhere
			return nil
		}
		return err
	})
	if err == nil {
		d.ledger.Unbind(segment)
	}
	return err
}

// write calls f under q's lock with room for n bytes. The error of a queue that is
// gone is errNoQueue.
func (c *cleaner) write(q *queue, n int, f func(engine.Durable, engine.Time) error) error {
	room, err := c.s.admit(n+costOfMessage, true)
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

// stopping is ErrClosed once the server is closed.
func (s *Server) stopping() error {
	select {
	case <-s.done:
		return ErrClosed
	default:
		return nil
	}
}

// rewrite writes the messages of q again whose content stands in a victim.
func (c *cleaner) rewrite(q *queue, emptied func(uint32) bool) error {
	err := c.write(q, costOfReceive, func(_ engine.Durable, now engine.Time) error {
		c.s.engine.Renote(now, q.q, emptied)
		return nil
	})
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
