package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/pprof"

	"github.com/quayside-go/quayside/worker"
)

// race has the callers handle as many messages each in every round, each of which begins with another. The
// first round warms up and is thrown away.
func (b *bench) race(callers []caller, rounds int, round func(caller, *series) error) ([]*series, error) {
	all := make([]*series, len(callers))
	for i := range rounds + 1 {
		for j := range callers {
			k := (i + j) % len(callers)
			if i <= 1 {
				all[k] = &series{}
			}
			if err := round(callers[k], all[k]); err != nil {
				return nil, fmt.Errorf("%s: %w", callers[k].name, err)
			}
		}
	}
	return all, nil
}

// profiled writes a profile of one more round of the worker, if that is wanted. There are ten samples in a
// tenth of a second, so it is one of ten times as many messages.
func (b *bench) profiled(measure string, round func(caller, *series) error) error {
	if b.profile == "" {
		return nil
	}
	b.progress("%s, profiled", measure)
	usual := b.plan
	defer func() { b.plan = usual }()
	b.plan.messages, b.plan.local = 10*usual.messages, 10*usual.local
	f, err := os.Create(b.profile)
	if err != nil {
		return err
	}
	err = round(caller{quayside.name, func(ctx context.Context, c worker.Client, queue string, messages int) error {
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
		return quayside.handle(ctx, c, queue, messages)
	}}, &series{})
	return errors.Join(err, f.Close())
}
