package engine

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
)

// Newest is the time of the latest record that was replayed, 0 if there was none.
func (e *Engine) Newest() (at Time) {
	for _, s := range e.replicas {
		at = max(at, s.now)
	}
	return at
}

// Complete reports what the records that were replayed lack, if they do: it is asked before
// anything is changed that they stand in. Recovered may find more.
func (e *Engine) Complete() error {
	last := uint32(len(e.replicas))
	names := map[Name]bool{}
	for number := uint32(1); number <= last; number++ {
		// Each has a control that is kept for ever, also if the queue is gone.
		s := e.replicas[number]
		if s == nil || s.replaying.control == nil {
			return fmt.Errorf("of %d queues, nothing says what queue %d is", last, number)
		}
		c := s.replaying.control
		if c.Deleted != 0 {
			continue
		}
		if names[c.Name] {
			return fmt.Errorf("queue %d: it is not the only one with the name %s", number, c.Name.Queue)
		}
		names[c.Name] = true
	}
	return nil
}

// Recovered ends the replay: the engine is as it was, at now, and goes on. Handles
// given out before stay good. It reports what the records lack, if they do. exists
// says which segments there are: what is told of content in another is out of date.
func (e *Engine) Recovered(now Time, exists func(segment uint32) bool) error {
	if err := e.Complete(); err != nil {
		return err
	}
	last := uint32(len(e.replicas))
	e.given, e.numbered = make([]Name, last), make([]*Queue, last)
	for number := uint32(1); number <= last; number++ {
		s := e.replicas[number]
		e.swapNoted(number, s.replaying.noted)
		s.loseHomeless(exists)
		if err := e.resume(now, number, s); err != nil {
			return fmt.Errorf("queue %d: %w", number, err)
		}
	}
	e.replicas = nil
	return nil
}

// resume enters a queue as its latest control says.
func (e *Engine) resume(now Time, number uint32, s *store) error {
	c := s.replaying.control
	e.given[number-1] = c.Name
	if c.Deleted != 0 {
		if again := c.Deleted + recreateAfter; !e.Relaxed && again > now {
			e.reusable[c.Name] = again
			e.deleted = append(e.deleted, c.Name)
			slices.SortFunc(e.deleted, func(a, b Name) int { return cmp.Compare(e.reusable[a], e.reusable[b]) })
		}
		return nil
	}
	if e.moving[c.Name.Account] == nil {
		e.moving[c.Name.Account] = new(atomic.Int32)
	}
	q := &Queue{
		Number: number, Name: c.Name, Created: c.Created, Modified: c.Modified, Config: c.Config, Tags: c.Tags,
		Messages: s, purgeable: c.Purgeable, tasks: c.Tasks, tasksBegun: c.TasksBegun,
		moving: e.moving[c.Name.Account], log: s.log,
	}
	e.queues[c.Name], e.numbered[number-1] = q, q
	if t := q.running(); t != nil {
		t.Moved = max(t.Moved, s.replaying.tasks[q.tasksBegun])
		q.moving.Add(1)
	}
	return s.resume(now, c.Config.settings(e.maxInFlight))
}

// loseHomeless forgets messages whose content is gone: records that told of them
// outlived the one that told of their end.
func (s *store) loseHomeless(exists func(uint32) bool) {
	s.loseThose(func(m *slot) bool { return !exists(m.where.block) })
}

// loseThose forgets messages that have slots.
func (s *store) loseThose(those func(m *slot) bool) {
	var lost []uint64
	s.restored.each(func(seq uint64, id uint32) {
		if those(s.slots.at(id)) {
			lost = append(lost, seq)
		}
	})
	for _, seq := range lost {
		s.lose(seq)
	}
}

// resume puts what replay found into order.
func (s *store) resume(now Time, set Settings) error {
	c := s.replaying.control
	s.set, s.begun = set, true
	s.dedup.group, s.scopeAt = c.GroupScope, Never
	if c.ScopeAt != 0 {
		s.scopeAt = c.ScopeAt
	}
	s.mergeRuns()
	s.sortMemories()
	if !set.FIFO {
		s.groups.tenants = make([]tenant, len(s.groups.all))
	}
	alone := s.cold.n > 0
	s.each(func(_ uint32, m *slot) { alone = alone || m.group == 0 })
	if set.FIFO && alone {
		return errors.New("it is a FIFO queue and has messages without a group")
	}
	s.counts.Visible = s.cold.n
	s.restored.each(func(_ uint64, id uint32) { s.reenter(id) })
	for id := range s.groups.all {
		if s.groups.all[id].messages == 0 && s.groups.all[id].hash != 0 {
			s.groups.drop(uint32(id))
		}
	}
	s.recovered = s.seq
	s.advance(now)
	s.replaying = nil // from here on the account is kept
	return nil
}

// reenter gives a message that has a slot its place in the queue.
func (s *store) reenter(id uint32) {
	m := s.slots.at(id)
	received := s.receivesHere(m) > 0
	if s.set.FIFO && !received {
		m.due = later(m.sent, s.set.Delay)
	}
	due := m.due
	flying := due > s.now && (received || m.flags&flagChanged != 0)
	if flying {
		m.due = s.now
	}
	s.enter(s.now, id)
	if gid := m.group; gid != 0 && !s.set.FIFO {
		g := s.groups.tenant(gid)
		g.lastSend = max(g.lastSend, m.sent)
	}
	if flying {
		s.lease(s.now, id, m, due)
		s.rerank(m.group)
	}
	if s.isSpent(m) {
		s.spent++
	}
}

// mergeRuns puts the messages that were found out of order among the others.
func (s *store) mergeRuns() {
	runs := s.replaying.runs
	if len(runs) == 0 {
		return
	}
	var all []cold
	for _, run := range append(runs, &s.cold) {
		run.each(0, func(c cold) bool {
			all = append(all, c)
			return true
		})
	}
	slices.SortFunc(all, func(a, b cold) int { return cmp.Compare(a.seq, b.seq) })
	s.cold = backlog{}
	for _, c := range all {
		if !s.cold.push(c) {
			s.unfreeze(c)
		}
	}
}

// sortMemories puts deduplication ids and attempts into the order of time; one
// that was written again counts once, the latest.
func (s *store) sortMemories() {
	d := &s.dedup
	if !d.queue.inOrder() {
		d.queue.keep(func(*dedupEntry) bool { return true })
	}
	d.index(d.queue.len())
	a := &s.attempts
	slices.SortStableFunc(a.queue, func(x, y *attempt) int { return cmp.Compare(x.at, y.at) })
	a.byID = map[string]*attempt{}
	for _, x := range a.queue {
		a.byID[x.id] = x
	}
	a.queue = slices.DeleteFunc(a.queue, func(x *attempt) bool { return a.byID[x.id] != x })
}
