package journal_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// crowd appends from many goroutines to a log on a disk that is nearly full, and
// remembers what was acknowledged.
type crowd struct {
	l       *journal.Log
	size    int64
	mu      sync.Mutex
	acked   map[uint64]journal.Pos
	dropped map[uint32]bool
	refused atomic.Int64
}

// TestAdmittedAlwaysFits: whatever else is appended, with room or without, what was
// admitted is appended, and nobody waits for ever.
func TestAdmittedAlwaysFits(t *testing.T) {
	t.Parallel()
	var refused int64
	for seed := range uint64(30) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 5))
			o := journal.Options{SegmentSize: []int64{1 << 10, 5000, 16 << 10, 48 << 10}[seed%4], Spares: int(seed%3) - 1}
			d := disk()
			d.Limit(o.SegmentSize * int64(6+r.IntN(10)))
			l, _, _ := mustOpen(t, d, o)
			c := &crowd{l: l, size: o.SegmentSize, acked: map[uint64]journal.Pos{}, dropped: map[uint32]bool{}}
			var wg sync.WaitGroup
			for i := range uint64(24) {
				wg.Go(func() {
					if err := c.member(i, rand.New(rand.NewPCG(seed, 100+i))); err != nil {
						t.Errorf("seed %d, segments of %d bytes: %v", seed, o.SegmentSize, err)
					}
				})
			}
			wg.Wait()
			mustClose(t, l)
			refused += c.refused.Load()
			d.Limit(-1)
			l, got, _ := mustOpen(t, d, o)
			defer mustClose(t, l)
			if err := c.check(got); err != nil {
				t.Errorf("seed %d: %v", seed, err)
			}
		})
	}
	if refused == 0 {
		t.Error("no disk was ever full: this tests nothing")
	}
}

// member is one of the crowd.
func (c *crowd) member(id uint64, r *rand.Rand) error {
	for n := range uint64(40) {
		bodies := c.bodies(id, n, r)
		var bytes int64
		for _, b := range bodies {
			bytes += int64(len(b))
		}
		room, err := c.l.Admit(bytes, journal.Purpose(r.IntN(3)))
		if errors.Is(err, journal.ErrFull) {
			c.refused.Add(1)
			if err := c.makeRoom(r); err != nil {
				return err
			}
			time.Sleep(time.Duration(r.IntN(500)) * time.Millisecond)
			continue
		}
		if err != nil {
			return fmt.Errorf("admit %d bytes: %w", bytes, err)
		}
		if err := c.append(bodies, room, r); err != nil {
			return err
		}
		b := binary.LittleEndian.AppendUint64(nil, 1<<63)
		b = append(b, make([]byte, r.IntN(int(c.size)/3))...)
		if _, _, err := c.l.Append(journal.Checked(b, headSize), journal.Reserve); err != nil && !errors.Is(err, journal.ErrFull) {
			return fmt.Errorf("append without room: %w", err)
		}
	}
	return nil
}

func (c *crowd) bodies(id, n uint64, r *rand.Rand) [][]byte {
	longest := int(c.size) * 3 / 5 / (1 + r.IntN(4)) // so that much is left unused
	out := make([][]byte, 1+r.IntN(4))
	for i := range out {
		b := binary.LittleEndian.AppendUint64(nil, id<<32|n<<8|uint64(i))
		out[i] = append(b, make([]byte, r.IntN(longest))...)
	}
	return out
}

func (c *crowd) append(bodies [][]byte, room journal.Room, r *rand.Rand) error {
	var tickets []journal.Ticket
	for _, b := range bodies {
		time.Sleep(time.Duration(r.IntN(3)) * time.Millisecond) // so that many hold room at once
		p, t, err := c.l.Append(journal.Checked(b, max(headSize, r.IntN(len(b)+1))), journal.Synced)
		if err != nil {
			room.Release()
			return fmt.Errorf("admitted, but: %w", err)
		}
		tickets = append(tickets, t)
		c.mu.Lock()
		c.acked[binary.LittleEndian.Uint64(b)] = p
		c.mu.Unlock()
	}
	room.Release()
	for _, t := range tickets {
		if err := c.l.Wait(t); err != nil {
			return fmt.Errorf("wait: %w", err)
		}
	}
	return nil
}

// makeRoom drops any sealed segment, or seals the one that is written to.
func (c *crowd) makeRoom(r *rand.Rand) error {
	list := c.l.Segments()
	if len(list) == 0 {
		return nil
	}
	s := list[r.IntN(len(list))]
	if !s.Sealed {
		if err := c.l.Seal(s.Number); !errors.Is(err, journal.ErrFull) {
			return err
		}
		return nil
	}
	c.mu.Lock()
	c.dropped[s.Number] = true
	c.mu.Unlock()
	if err := c.l.Drop(s.Number); err != nil && !errors.Is(err, journal.ErrDropped) {
		return fmt.Errorf("drop: %w", err)
	}
	return nil
}

func (c *crowd) check(got []entry) error {
	there := map[uint64]journal.Pos{}
	for _, e := range got {
		there[binary.LittleEndian.Uint64(e.body)] = e.pos
	}
	for id, p := range c.acked {
		if q, ok := there[id]; !ok && !c.dropped[p.Segment] || ok && q != p {
			return fmt.Errorf("record %x was acknowledged at %v, and is at %v (%v)", id, p, q, ok)
		}
	}
	return nil
}
