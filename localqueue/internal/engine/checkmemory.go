package engine

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// checkMemory compares slab and arenas with the messages and groups in them.
func (s *store) checkMemory() (err error) {
	free := 0
	for id := s.slots.free; id != 0; id = s.slots.at(id).wait.next {
		free++
	}
	if s.slots.used > 0 && free != int(s.slots.used)-1-s.slots.live {
		return fmt.Errorf("%d slots free of %d with %d live", free, s.slots.used, s.slots.live)
	}
	want := 0
	s.each(func(id uint32, m *slot) {
		if s.onDisk() {
			if m.where.block == 0 || m.home().Length == 0 || (m.flags&flagAway != 0 && m.mark() == 0) {
				err = fmt.Errorf("message %d stands at %+v, marked in %d, with flags %d", m.seq, m.home(), m.mark(), m.flags)
			}
		} else {
			want += recordHeader + len(s.bodies.get(m.where))
			if owner := s.bodies.owner(m.where); owner != id {
				err = fmt.Errorf("the record of message %d belongs to slot %d, not %d", m.seq, owner, id)
			}
		}
		if at, ok := s.restored.find(m.seq); ok && at != id || ok != (m.seq <= s.recovered) {
			err = fmt.Errorf("message %d is in slot %d; restored in %d: %v, the last recovered is %d", m.seq, id, at, ok, s.recovered)
		}
	})
	if err != nil {
		return err
	}
	names := 0
	for id := 1; id < len(s.groups.all); id++ {
		if g := &s.groups.all[id]; g.hash != 0 {
			names += recordHeader + len(s.groups.names.get(g.name))
		}
	}
	if err := s.bodies.check(want); err != nil {
		return err
	}
	return s.groups.names.check(names)
}

// owner is the slot a record says it is of.
func (a *arena) owner(r ref) uint32 {
	return binary.LittleEndian.Uint32(a.blocks[r.block].data[r.offset:])
}

// check compares the arena's counts with a recount and with what ought to live.
func (a *arena) check(want int) error {
	live, size := 0, 0
	for _, k := range a.blocks {
		live += k.live
		size += cap(k.data)
	}
	if live != want || a.live != want || a.size != size {
		return fmt.Errorf("arena counts %d live bytes of %d, recounted %d of %d, and %d ought to live", a.live, a.size, live, size, want)
	}
	return nil
}

// key is what is the same of those of which one is a duplicate of the other.
func (d *dedup) key(e *dedupEntry) dedupEntry {
	k := dedupEntry{id: e.id}
	if d.group {
		k.group = e.group
	}
	return k
}

// checkMemories compares what a FIFO queue remembers for a while with its order.
func (s *store) checkMemories() error {
	d := &s.dedup
	latest := map[dedupEntry]uint64{}
	d.queue.each(func(e *dedupEntry) { latest[d.key(e)] = e.seq })
	for e, seq := range latest {
		if got, ok := d.find(&e); !ok || got != seq {
			return fmt.Errorf("deduplication memory: found %d, %v, the latest of these is %d", got, ok, seq)
		}
	}
	if !d.queue.inOrder() {
		return fmt.Errorf("deduplication memory: %d entries are out of order", d.queue.len())
	}
	for id, x := range s.attempts.byID {
		if x.id != id || !slices.Contains(s.attempts.queue, x) {
			return fmt.Errorf("attempt %q is filed as %q, or in no order of time", x.id, id)
		}
	}
	if s.set.FIFO && s.scopeAt <= s.now || s.share.since > s.now {
		return fmt.Errorf("at %d: a change of scope due at %d, busy time booked to %d", s.now, s.scopeAt, s.share.since)
	}
	return nil
}

// Check returns the first invariant found broken in the registry or in any
// queue, or nil.
func (e *Engine) Check() error {
	live, moving := 0, map[string]int32{}
	for i, q := range e.numbered {
		if q == nil {
			continue
		}
		live++
		if int(q.Number) != i+1 || e.queues[q.Name] != q || e.given[i] != q.Name || q.Deleted {
			return fmt.Errorf("queue %d, %v, is not filed as what it is", q.Number, q.Name)
		}
		if q.running() != nil {
			moving[q.Name.Account]++
		}
		if err := q.Messages.Check(); err != nil {
			return err
		}
	}
	if live != len(e.queues) || len(e.given) != len(e.numbered) {
		return fmt.Errorf("%d queues by number, %d by name, %d of %d numbers", live, len(e.queues), len(e.numbered), len(e.given))
	}
	for account, n := range e.moving {
		if n.Load() != moving[account] {
			return fmt.Errorf("%d tasks counted in account %s, %d are running", n.Load(), account, moving[account])
		}
	}
	return nil
}

// has reports whether a group is found by its name.
func (g *groups) has(id uint32) bool {
	found, _ := g.find(string(g.name(id)))
	return found == id
}
