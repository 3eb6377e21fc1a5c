package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

const (
	senders     = 32               // sends under way at once, so that batches of ten fill
	collectors  = 32               // results taken in at once
	look        = time.Second      // between two looks at the queues, while nothing else happens
	enoughLooks = 3                // empty queues in a row before they are believed; SQS counts late
	grace       = 10 * time.Second // for the results of a drain to come in
)

// A pipeline is one run over one directory.
type pipeline struct {
	client    client
	queues    queues
	jobs      *producer.Producer
	results   *producer.Producer
	collector *collector
	deadFirst int // what the dead-letter queue held before this run
}

// run hashes all files of a directory. The report is good even if there is an error; the error is
// not nil whenever the report is not the whole truth about the directory.
func run(ctx context.Context, c client, set settings, bar *progress) (report, error) {
	defer bar.clear()
	q, err := create(ctx, c)
	if err != nil {
		return report{}, err
	}
	p := &pipeline{
		client:    c,
		queues:    q,
		jobs:      producer.New(c, q.jobs),
		results:   producer.New(c, q.results),
		collector: newCollector(rand.Text(), bar),
	}
	if p.deadFirst, err = depth(ctx, c, q.dead); err != nil {
		return report{}, err
	}
	err = p.stages(ctx, set)
	rep := p.collector.report()
	after := context.WithoutCancel(ctx)
	if !rep.clean() {
		dead, deadErr := depth(after, c, q.dead)
		rep.dead = dead - p.deadFirst
		err = errors.Join(err, deadErr)
	}
	return rep, errors.Join(err, p.jobs.Close(after), p.results.Close(after))
}

// stages runs the three stages. They end in the order of the flow: an interrupt ends the walk and
// drains the workers, and the collector stays until it has what the drained workers sent.
func (p *pipeline) stages(ctx context.Context, set settings) error {
	working, stopWorking := context.WithCancel(ctx)
	defer stopWorking()
	collecting, stopCollecting := context.WithCancel(context.WithoutCancel(ctx))
	defer stopCollecting()

	var hashing, collection sync.WaitGroup
	var drained, collected error // of the two workers, to be read after Wait
	h := &hasher{open: set.open, results: p.results}
	hashing.Go(func() {
		drained = worker.New(p.client, p.queues.jobs, worker.JSON(h.handle), func(o *worker.Options) {
			o.Concurrency = set.concurrency
		}).Run(working)
		stopWorking() // nobody is left to work
	})
	collection.Go(func() {
		collected = worker.New(p.client, p.queues.results, worker.JSON(p.collector.handle), func(o *worker.Options) {
			o.Concurrency = collectors
		}).Run(collecting)
		stopWorking() // nobody is left to work for
	})

	err := p.send(working, set.dir)
	if err == nil {
		err = p.await(working)
	}
	if working.Err() != nil {
		err = nil // a consequence: the user's interrupt or a worker's error is the cause
	}
	stopWorking()
	hashing.Wait()
	if n, _ := p.collector.missing(); n > 0 {
		err = errors.Join(err, p.lastResults(collecting))
	}
	stopCollecting()
	collection.Wait()

	// The account decides. If it is complete, an interrupt came too late to matter.
	n, all := p.collector.missing()
	switch {
	case !all:
		return errors.Join(err, drained, collected, errors.New("not all files were found"))
	case n > 0:
		return errors.Join(err, drained, collected, fmt.Errorf("files without a checksum: %d", n))
	}
	return nil
}

// send walks the directory and sends a job for every file.
func (p *pipeline) send(ctx context.Context, dir string) error {
	sending, ctx := errgroup.WithContext(ctx)
	sending.SetLimit(senders)
	for path, err := range walk(dir) {
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			p.collector.unlist(path, reason(err))
			continue
		}
		p.collector.expect(path)
		sending.Go(func() error {
			_, err := p.jobs.Send(ctx, producer.JSON(job{Run: p.collector.run, Path: []byte(path)}))
			return err
		})
	}
	stopped := ctx.Err() // read before Wait, which cancels
	if err := sending.Wait(); err != nil {
		return err
	}
	if stopped != nil {
		return stopped
	}
	p.collector.allFound()
	return nil
}

// await returns when every job is accounted for: its result is in, and if that is a reason, the job
// is in the dead-letter queue. The move there is made by the receive after the last one allowed, so
// the workers must still be running. It returns as well when no result can come any more, because
// the queues are empty: a job can die without a word, by three crashes say.
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
			if err != nil {
				return err
			}
			if empty++; more {
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
