package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// await returns when every job is accounted for: its result is in, and if that is a reason, the job
// is in the dead-letter queue. The move there is made by the receive after the last one allowed, so
// the workers must still be running. It returns as well when no result can come any more, because
// the queues are empty: a job can die without a word, by three crashes say. With -dir it is then sent
// once more.
func (p *pipeline) await(ctx context.Context) error {
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	for empty := 0; empty < enoughLooks; {
		if n, _ := p.collector.missing(); n == 0 && p.buried(ctx) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.collector.news:
			empty = 0
		case <-ticker.C:
			more, err := p.underWay(ctx)
			if empty++; err == nil && !more && empty == enoughLooks {
				more, err = p.revive(ctx)
			}
			if err = errors.Join(err, p.past.ledger.broken()); err != nil {
				return err
			}
			if more {
				empty = 0
			}
		}
	}
	return nil
}

// buried reports whether the dead-letter queue holds all the jobs that failed.
func (p *pipeline) buried(ctx context.Context) bool {
	failed := p.collector.failures()
	if failed == 0 {
		return true
	}
	n, err := depth(ctx, p.client, p.queues.dead)
	return err == nil && n-p.deadFirst >= failed
}

// underWay reports whether a result may still come: a job is there, or a result is. The jobs are
// looked at first, because a job leaves only after its result has arrived.
func (p *pipeline) underWay(ctx context.Context) (bool, error) {
	n, err := depth(ctx, p.client, p.queues.jobs)
	if err != nil || n > 0 {
		return true, err
	}
	n, err = depth(ctx, p.client, p.queues.results)
	return n > 0, err
}

// lastResults waits for the results that the drained workers have sent.
func (p *pipeline) lastResults(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	ticker := time.NewTicker(grace / 200)
	defer ticker.Stop()
	for {
		n, err := depth(ctx, p.client, p.queues.results)
		if err != nil || n == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d results were not collected in %v", n, grace)
		case <-ticker.C:
		}
	}
}
