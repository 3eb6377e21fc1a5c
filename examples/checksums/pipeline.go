package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

const (
	senders     = 100              // sends under way at once: on SQS, requests then carry ten each
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
	hasher    *hasher
	collector *collector
	past      past
	revived   bool // missing jobs have been sent again
	deadFirst int  // what the dead-letter queue held before this run
}

// run hashes all files of a directory, but for those that earlier processes of the run have done.
// The report is good even if there is an error; the error is not nil whenever the report is not the
// whole truth about the directory.
func run(ctx context.Context, c client, set settings, before past, bar *progress) (report, error) {
	defer bar.clear()
	q, err := create(ctx, c, set.lease)
	if err != nil {
		return report{}, err
	}
	p := &pipeline{
		client:    c,
		queues:    q,
		jobs:      producer.New(c, q.jobs),
		results:   producer.New(c, q.results),
		collector: newCollector(before.run, bar),
		past:      before,
	}
	p.hasher = &hasher{
		open: set.open, results: p.results,
		ledger: before.ledger, claims: &claims{held: map[claim]string{}},
	}
	if before.ledger == nil { // else the queue is this run's alone
		if p.deadFirst, err = depth(ctx, c, q.dead); err != nil {
			return report{}, err
		}
	}
	if err := p.recall(ctx); err != nil {
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
	// If one of the two ends early, there is nobody to work, or to work for.
	hashing := p.work(working, stopWorking, p.queues.jobs, worker.JSON(p.hasher.handle), set.concurrency)
	collection := p.work(collecting, stopWorking, p.queues.results, worker.JSON(p.collector.handle), collectors)

	err := p.fill(working, set.dir)
	if err == nil {
		err = p.await(working)
	}
	if working.Err() != nil {
		err = nil // a consequence: the user's interrupt or a worker's error is the cause
	}
	stopWorking()
	drained := <-hashing
	if n, _ := p.collector.missing(); n > 0 {
		err = errors.Join(err, p.lastResults(collecting))
	}
	stopCollecting()
	return p.verdict(errors.Join(err, drained, <-collection))
}

// work runs a worker in the background until ctx is done. The channel gets what its Run returned.
func (p *pipeline) work(ctx context.Context, ended func(), queue string, h worker.Handler, n int) <-chan error {
	result := make(chan error, 1)
	go func() {
		err := worker.New(p.client, queue, h, func(o *worker.Options) { o.Concurrency = n }).Run(ctx)
		ended()
		result <- err
	}()
	return result
}

// verdict returns an error if the account is not complete, with what is known to have gone wrong. If
// it is complete, that does not matter: an interrupt came too late, say.
func (p *pipeline) verdict(err error) error {
	n, all := p.collector.missing()
	switch {
	case !all:
		return errors.Join(err, errors.New("not all files were found"))
	case n > 0:
		return errors.Join(err, fmt.Errorf("files without a checksum: %d", n))
	}
	return nil
}

// recall takes over what earlier processes of the run have done.
func (p *pipeline) recall(ctx context.Context) error {
	walked := p.past.walked()
	for _, e := range p.past.entries {
		path := string(e.Path)
		r := result{Run: p.past.run, Path: e.Path}
		switch e.Kind {
		case entryFound:
			p.collector.expect(path)
			continue
		case entryUnlisted:
			if walked { // else it is tried again
				p.collector.unlist(path, e.Text)
			}
			continue
		case entryHashed:
			r.Sum = e.Text
			p.hasher.claims.settle(claim{p.past.run, path}, true)
		case entryFailed:
			r.Reason = e.Text
		default:
			continue
		}
		if err := p.collector.handle(ctx, r); err != nil {
			return err
		}
	}
	return nil
}
