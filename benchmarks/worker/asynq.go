package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/hibiken/asynq"

	"github.com/quayside-go/quayside/benchmarks/internal/redis"
	"github.com/quayside-go/quayside/benchmarks/internal/remote"
	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/sdk"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
	"github.com/quayside-go/quayside/localqueue"
)

// errNoPeers is why asynq is not compared.
var errNoPeers = errors.New("it is compared only if -peers is given, since it needs Redis")

// The handlers of asynq: those of its own benchmark, and as many as the worker has.
var asynqHands = []int{10, concurrency}

// enqueuers is how many goroutines hand tasks to asynq.
const enqueuers = 16

// asynq compares how many messages a second are handled, by handlers that do nothing, with asynq on a Redis that
// stores nothing. The worker has its messages from localqueue in memory, in this process and over HTTP.
func (b *bench) asynq() error {
	at, stop, err := b.redis()
	if err != nil {
		if b.ctx.Err() == nil {
			b.report.Skip("asynq", err)
		}
		return b.ctx.Err()
	}
	defer stop()
	web, err := remote.Start(b.ctx)
	if err != nil {
		return err
	}
	defer web.Stop()
	local := localqueue.New()
	defer func() { _ = local.Close() }() // in memory: nothing can be lost
	over := sdk.Far(0)
	defer over.CloseIdleConnections()
	client := sdk.New(web.URL(), over)
	var callers []caller
	rounds := map[string]func(*series) error{}
	add := func(name string, round func(*series) error) {
		callers, rounds[name] = append(callers, caller{name: name}), round
	}
	for _, hands := range asynqHands {
		add(fmt.Sprintf("asynq, %d handlers", hands), func(x *series) error { return b.overRedis(at, hands, x) })
	}
	add("quayside over HTTP", func(x *series) error { return b.overHTTP(web, client, quayside, smallSize, x) })
	add("quayside in process", func(x *series) error { return b.inProcess(local, quayside, x) })
	b.progress("asynq, %d rounds", b.plan.rounds)
	all, err := b.race(callers, b.plan.rounds, func(c caller, x *series) error { return rounds[c.name](x) })
	if err == nil {
		b.tabulateAsynq(callers, all)
	}
	return err
}

// redis starts a Redis that stores nothing, and says where it is.
func (b *bench) redis() (asynq.RedisClientOpt, func(), error) {
	var at asynq.RedisClientOpt
	if !b.peers {
		return at, nil, errNoPeers
	}
	b.progress("looking for Redis")
	dir, err := os.MkdirTemp("", "quayside-worker-")
	if err != nil {
		return at, nil, err
	}
	program, err := redis.Find(b.ctx, dir)
	if err == nil {
		p, failed := program.Start(b.ctx, dir, "appendonly", "no")
		if err = failed; err == nil {
			b.report.Version("Redis", program.Version)
			at.Addr, at.PoolSize = p.Addr, 2*concurrency // by default it would be 10 a processor
			return at, func() { p.Stop(); _ = os.RemoveAll(dir) }, nil
		}
	}
	return at, nil, errors.Join(err, os.RemoveAll(dir))
}

// overRedis is a round of asynq: all tasks of a queue. What it takes until the last task is deleted is not counted.
func (b *bench) overRedis(at asynq.RedisClientOpt, hands int, took *series) error {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	n := b.plan.tasks
	if err := enqueue(ctx, at, n); err != nil {
		return err
	}
	var left atomic.Int64
	left.Store(int64(n))
	done := make(chan struct{})
	server := asynq.NewServer(at, asynq.Config{Concurrency: hands, LogLevel: asynq.FatalLevel})
	got, err := measured(func() error {
		err := server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
			if left.Add(-1) == 0 {
				close(done)
			}
			return nil
		}))
		if err != nil {
			return err
		}
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return fmt.Errorf("%d tasks of %d are left: %w", left.Load(), n, ctx.Err())
		}
	})
	server.Shutdown()
	if err != nil {
		return err
	}
	took.add(got, n)
	return handled(at)
}

// enqueue hands asynq so many tasks of 100 bytes.
func enqueue(ctx context.Context, at asynq.RedisClientOpt, tasks int) error {
	client := asynq.NewClient(at)
	defer client.Close()
	payload := []byte(strings.Repeat("x", smallSize))
	var left atomic.Int64
	left.Store(int64(tasks))
	errs := make([]error, enqueuers)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			for left.Add(-1) >= 0 && errs[i] == nil {
				_, errs[i] = client.EnqueueContext(ctx, asynq.NewTask("order", payload))
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// handled is an error unless asynq has no task left, and none that failed.
func handled(at asynq.RedisClientOpt) error {
	inspector := asynq.NewInspector(at)
	defer inspector.Close()
	q, err := inspector.GetQueueInfo("default")
	if err == nil && q.Size+q.Failed > 0 {
		err = fmt.Errorf("%d tasks are left, and %d failed", q.Size, q.Failed)
	}
	return err
}

// rates are messages a second.
func (s *series) rates() []float64 {
	r := make([]float64, len(s.elapsed))
	for i, x := range s.elapsed {
		r[i] = 1 / x
	}
	return r
}

// tabulateAsynq writes what each reached, and judges the last beside the best of asynq in each round.
func (b *bench) tabulateAsynq(callers []caller, all []*series) {
	best := all[0].rates()
	for _, x := range all[1:len(asynqHands)] {
		for i, rate := range x.rates() {
			best[i] = max(best[i], rate)
		}
	}
	t := b.report.Table("Handlers that do nothing, messages of 100 bytes, nothing stored", "client", "messages/s", "x asynq at its best")
	for i, c := range callers {
		rates := all[i].rates()
		t.Row(c.name, report.Count(stats.Median(rates)), report.Ratio(stats.Ratio(rates, best)))
		b.report.Note("asynq", c.name, report.Load{}, "rate", "messages/s", rates...)
	}
	b.report.Plot(report.Plot{
		Name: "asynq", Title: "Beside asynq: handlers that do nothing", Measure: "asynq", What: "rate", Y: "messages/s", LogY: true,
	})
	ours := all[len(all)-1].rates()
	b.report.Reach("asynq", report.Count(stats.Median(ours))+"/s", report.Count(stats.Median(best))+"/s", stats.Ratio(ours, best))
}
