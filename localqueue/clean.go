package localqueue

import (
	"errors"
	"sync"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// cleaner gives back the room of what is not needed any more: it drops segments that
// nothing needs, and empties those that little needs by writing that little again. Its
// goroutine sleeps until a segment was sealed or is needed for nothing.
type cleaner struct {
	s       *Server
	wake    chan struct{}
	stopped sync.WaitGroup
	copied  int // bytes since the last pause
	mu      sync.Mutex
	tries   map[uint32]attempt // guarded by mu
}

// Segments are emptied while more than what is needed of all, and half a segment, is
// not needed: the disk holds at most twice what is needed, and a little. The one that
// was sealed last is left alone: much of it may yet go by itself. On a full disk every
// segment is emptied that this gives any room.
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
		c.forget(dead)
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

// stopping is ErrClosed once the server is closed.
func (s *Server) stopping() error {
	select {
	case <-s.done:
		return ErrClosed
	default:
		return nil
	}
}
