package localqueue

import (
	"cmp"
	"math"
	"slices"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// victims are the segments to be emptied next, those that least is needed of.
func (c *cleaner) victims() (list []uint32) {
	all, waste, enough := c.waste()
	slices.SortFunc(all, func(a, b candidate) int { return cmp.Compare(a.share(), b.share()) })
	most, share, room := mostVictims, 0.75, int64(math.MaxInt64)
	if log := c.s.disk.log; log.Full() { // what little room there is goes for one at a time
		most, share, enough, room = 1, 0.9, 0, log.Left(journal.Clearing)
	}
	var batch int64
	for _, v := range all {
		if waste <= enough || len(list) == most || v.share() > share {
			break
		}
		if !c.s.disk.ledger.Clearable(v.Number) || c.hopeless(v) || v.room() > room {
			continue
		}
		if batch += v.cost(); len(list) > 0 && batch > v.Size {
			break
		}
		waste -= v.Used - v.cost()
		list = append(list, v.Number)
	}
	return list
}

// candidate is a segment, what is needed of it, and what it tells of others.
type candidate struct {
	journal.SegmentInfo
	need, told int64
}

// cost is what has to be written again to empty it, about.
func (v candidate) cost() int64 { return v.need + v.told }

// room is what must be left for that, so that it is not given up half way: also for the
// largest record of a queue, which is charged twice.
func (v candidate) room() int64 { return v.cost()*9/8 + min(3*costOfControl, v.Size/4) }

func (v candidate) share() float64 { return float64(v.cost()) / float64(max(v.Used, 1)) }

// waste is what is not needed of sealed segments, and how much of that is left alone:
// as much as is needed of all, and half a segment. The segment that was sealed last
// counts on a full disk only, and the one that is written to only if it is little but
// waste there.
func (c *cleaner) waste() (list []candidate, waste, enough int64) {
	d := c.s.disk
	for _, info := range c.settled() {
		v := candidate{info, d.ledger.Needed(info.Number), d.ledger.Told(info.Number)}
		enough += v.need
		if info.Sealed || d.log.Full() && info.Used > info.Size/4 && v.share() < 0.5 {
			list = append(list, v)
		}
	}
	if n := len(list); n > 0 && !d.log.Full() {
		list = list[:n-1]
	}
	for _, v := range list {
		waste += v.Used - v.need
	}
	if len(list) > 0 {
		enough += list[len(list)-1].Size / 2
	}
	return list, waste, enough
}

// attempt is how often a segment was emptied in vain, and what was needed of it then.
type attempt struct {
	times int
	need  int64
}

// tried notes that a segment was emptied in vain.
func (c *cleaner) tried(segment uint32, times int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tries == nil {
		c.tries = map[uint32]attempt{}
	}
	c.tries[segment] = attempt{min(c.tries[segment].times+times, mostTries), c.s.disk.ledger.Needed(segment)}
}

func (c *cleaner) forget(segments []uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range segments {
		delete(c.tries, n)
	}
}

// hopeless reports whether a segment was emptied in vain too often; once less is needed
// of it, that is worth another try.
func (c *cleaner) hopeless(v candidate) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.tries[v.Number]
	return t.times == mostTries && v.need >= t.need
}
