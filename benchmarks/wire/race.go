package main

import (
	"errors"
	"slices"
)

// race interleaves the lanes: in every round each has its slice of time, and each round begins with
// another. Each was warmed up before by slices that tell how many operations fill one. Peers have fewer
// rounds, which are the first. One that fails is out of it from then on.
func (b *bench) race(what string, lanes []*lane, conns, rounds int) error {
	lanes = slices.DeleteFunc(slices.Clone(lanes), func(l *lane) bool { return l.failed != "" })
	for _, l := range lanes {
		defer func() { hangUp(l.callers) }()
		if err := b.step(what, l, func() error { return l.prepare(b.plan, conns) }); err != nil {
			return err
		}
	}
	for round := range rounds {
		for i := range lanes {
			l := lanes[(i+round)%len(lanes)]
			if l.failed != "" || l.enough(b.plan) {
				continue
			}
			if err := b.step(what, l, func() error { return l.round(b.plan) }); err != nil {
				return err
			}
			if err := b.ctx.Err(); err != nil {
				return err
			}
		}
	}
	for _, l := range lanes {
		if l.failed != "" || l.queue == nil || l.server.forgets {
			continue
		}
		if err := b.step(what, l, func() error { return l.server.holds(l.queue, l.holds, l.moved) }); err != nil {
			return err
		}
	}
	return nil
}

// lanesOf returns a lane for every server, but if it failed in the step before that one, which remains failed.
func lanesOf(servers []*server, work workload, before map[string]*lane) (all map[string]*lane, lanes []*lane) {
	all = map[string]*lane{}
	for _, s := range servers {
		l := before[s.name]
		if l == nil || l.failed == "" {
			l = &lane{server: s, work: work, before: l}
			lanes = append(lanes, l)
		}
		all[s.name] = l
	}
	return all, lanes
}

// step does something for a lane, which is out of the race if it is a peer's and fails.
func (b *bench) step(what string, l *lane, do func() error) error {
	err := do()
	if err == nil {
		return nil
	}
	l.failed, l.series = "failed", series{}
	if errors.Is(err, errSlow) {
		l.failed = errSlow.Error()
	}
	if l.work.sdk {
		what += " by " + clients[1]
	}
	return b.leaveOut(what, l.server.subject, err)
}
