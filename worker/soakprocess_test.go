package worker_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quayside-go/quayside/worker"
)

// soakSpec is what a process runs: a worker for each queue, which share a pool if
// there are several.
type soakSpec struct {
	queues   []string
	permits  int
	prefetch int
	patient  bool // its drain waits for the longest handlers
}

// soakSpecs are processes with 200 permits in total.
var soakSpecs = []soakSpec{
	{queues: []string{"orders"}, permits: 40, prefetch: 30, patient: true},
	{queues: []string{"orders", "reports"}, permits: 50},
	{queues: []string{"reports"}, permits: 30, prefetch: 10},
	{queues: []string{"jobs.fifo"}, permits: 30, prefetch: 20, patient: true},
	{queues: []string{"jobs.fifo", "orders"}, permits: 50},
}

// soakProcess is a process with its workers. It ends by stop and a drain, or by die.
type soakProcess struct {
	name    string
	spec    soakSpec
	watch   *soakWatch
	workers []*worker.Worker
	errs    []error // of the workers' Runs, once it is over

	stop context.CancelFunc
	dead context.Context
	die  context.CancelFunc
	runs sync.WaitGroup
	over atomic.Bool // all Runs have returned
}

// launch starts the n-th process of a spec.
func (s *soak) launch(spec, n int) *soakProcess {
	p := &soakProcess{name: fmt.Sprintf("%c%d", 'A'+spec, n), spec: soakSpecs[spec], watch: s.watch}
	var ctx context.Context
	ctx, p.stop = context.WithCancel(s.t.Context())
	p.dead, p.die = context.WithCancel(s.t.Context())
	p.spec.permits = max(len(p.spec.queues), p.spec.permits*s.permits/200)
	p.errs = make([]error, len(p.spec.queues))
	client := &soakClient{s.dial(), p, s.watch}
	options := p.options(s)
	for i, q := range p.spec.queues {
		w := worker.New(client, q, worker.HandlerFunc(p.handle), options, func(o *worker.Options) { o.Weight = 1 + i })
		p.workers = append(p.workers, w)
		p.runs.Go(func() { p.errs[i] = w.Run(ctx) })
	}
	return p
}

func (p *soakProcess) options(s *soak) func(*worker.Options) {
	var pool *worker.Pool
	if len(p.spec.queues) > 1 {
		pool = worker.NewPool(p.spec.permits)
	}
	return func(o *worker.Options) {
		o.Hook = s.watch.hook(p)
		o.Prefetch = p.spec.prefetch
		if o.Pool = pool; pool == nil {
			o.Concurrency = p.spec.permits
		}
		if p.spec.patient {
			o.DrainTimeout = 4 * time.Hour
		}
	}
}

// ended waits for the end of all Runs. Nothing may be left in the workers' hands.
func (p *soakProcess) ended() {
	p.runs.Wait()
	p.over.Store(true)
	p.atRest()
}

// atRest complains of workers that hold anything.
func (p *soakProcess) atRest() {
	for i, w := range p.workers {
		if s := w.Stats(); s.Running+s.Waiting+s.Leases+s.Undeleted != 0 {
			p.watch.t.Errorf("seed %d: worker %d of %s at rest: %d running, %d waiting, %d leases, %d undone",
				p.watch.seed, i, p.name, s.Running, s.Waiting, s.Leases, s.Undeleted)
		}
	}
}

// unclean returns the drain reports of those that were not clean.
func (p *soakProcess) unclean() (all worker.DrainError) {
	for _, err := range p.errs {
		var d *worker.DrainError
		switch {
		case errors.As(err, &d):
			all.Abandoned += d.Abandoned
			all.Undeleted += d.Undeleted
		case err != nil:
			p.watch.t.Errorf("seed %d: Run of %s = %v", p.watch.seed, p.name, err)
		}
	}
	return all
}

// handle is the handler: it does what the script says.
func (p *soakProcess) handle(ctx context.Context, m *worker.Message) error {
	d, turn := p.watch.started(ctx, p, m)
	defer p.watch.stopped(d)
	return worker.JSON(func(ctx context.Context, _ soakJob) error {
		if err := p.wait(ctx, turn); err != nil {
			return err
		}
		p.watch.turned(d)
		return turn.result(rand.New(rand.NewPCG(p.watch.seed, uint64(d.copy.job.N))))
	}).Handle(ctx, m)
}

func (p *soakProcess) wait(ctx context.Context, turn soakTurn) error {
	told := ctx.Done()
	if turn.deaf {
		told = nil
	}
	t := time.NewTimer(turn.takes)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-told:
		return ctx.Err()
	case <-p.dead.Done():
		return errSoakDead
	}
}
