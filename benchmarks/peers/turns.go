package main

import (
	"errors"
	"fmt"
)

// turns has every competitor take its turn in each round, and each begin one. One that fails is skipped aloud, and
// is out for the rest of the measure; with none left the measure has failed.
func (b *bench) turns(what string, names []string, turn func(i int) error) error {
	out := make([]bool, len(names))
	left := len(names)
	for round := range b.plan.rounds {
		b.progress("%s, round %d of %d", what, round+1, b.plan.rounds)
		for j := range names {
			i := (round + j) % len(names)
			if out[i] {
				continue
			}
			err := turn(i)
			if b.ctx.Err() != nil {
				return b.ctx.Err()
			}
			if err == nil {
				continue
			}
			b.report.Skip(fmt.Sprintf("%s in %s", names[i], what), err)
			out[i] = true
			if left--; left == 0 {
				return errors.New("all have failed")
			}
		}
	}
	return nil
}

// those are the peers that take part in a measure.
func (b *bench) those(measure string) (some []peer, names []string) {
	for _, p := range b.peers {
		if p.absent == "" && (p.only == "" || p.only == measure) {
			some, names = append(some, p), append(names, p.name)
		}
	}
	return some, names
}

// able are the senders that can send.
func (b *bench) able() (some []sender, names []string) {
	for _, s := range b.senders {
		if s.absent == "" {
			some, names = append(some, s), append(names, s.name)
		}
	}
	return some, names
}
