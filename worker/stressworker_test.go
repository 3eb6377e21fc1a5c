package worker_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/worker"
)

var errStress = errors.New("drawn to fail")

// stressWorker is a worker, or one after another with the same options.
type stressWorker struct {
	*worker.Worker
	text    string
	options func(*worker.Options)
	stop    context.CancelFunc
	ended   chan error // Run's
}

func (w *stressWorker) String() string { return w.text }

// drawWorkers makes up to three workers, which may share gates, and a pool.
func (s *stress) drawWorkers() {
	shared := []worker.Gate{s.gates.audit}
	for range s.rnd.IntN(3) {
		shared = append(shared, s.gates.draw())
	}
	workers := 1 + s.rnd.IntN(3)
	permits := workers + 1 + s.rnd.IntN(6)
	var pool *worker.Pool
	if s.rnd.IntN(3) == 0 {
		pool = worker.NewPool(permits)
	}
	for range workers {
		gates := slices.Clone(shared)
		for range s.rnd.IntN(3) {
			gates = append(gates, s.gates.draw())
		}
		concurrency, prefetch := 1+s.rnd.IntN(12), 0
		if s.rnd.IntN(2) == 0 {
			prefetch = s.rnd.IntN(20)
		}
		w := &stressWorker{text: fmt.Sprintf("concurrency %d, prefetch %d, gates %s", concurrency, prefetch, stressText(gates[1:]...))}
		if pool != nil {
			w.text = fmt.Sprintf("pool of %d, prefetch %d, gates %s", permits, prefetch, stressText(gates[1:]...))
		}
		w.options = func(o *worker.Options) {
			o.Gates, o.Prefetch, o.Hook = gates, prefetch, s.hook
			if o.Pool = pool; pool == nil {
				o.Concurrency = concurrency
			}
		}
		s.workers = append(s.workers, w)
	}
}

// launch starts w, or one in its place.
func (s *stress) launch(w *stressWorker) {
	var ctx context.Context
	ctx, w.stop = context.WithCancel(s.t.Context())
	run := worker.New(stressClient{s.server, s}, s.queue, worker.HandlerFunc(s.handle), w.options)
	ended := make(chan error, 1)
	w.Worker, w.ended = run, ended
	go func() { ended <- run.Run(ctx) }()
}

// stressClient is the client of all workers. Where leases are to be lost, it says of some
// messages whose visibility is to change that they are not in flight.
type stressClient struct {
	*local
	stress *stress
}

func (c stressClient) ChangeMessageVisibilityBatch(ctx context.Context, in *sqs.ChangeMessageVisibilityBatchInput, opts ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	var refused []types.BatchResultErrorEntry
	rest := *in
	rest.Entries = slices.DeleteFunc(slices.Clone(in.Entries), func(e types.ChangeMessageVisibilityBatchRequestEntry) bool {
		if !c.stress.loses() {
			return false
		}
		refused = append(refused, types.BatchResultErrorEntry{Id: e.Id, Code: new("MessageNotInflight"), SenderFault: true})
		return true
	})
	if len(rest.Entries) == 0 {
		return &sqs.ChangeMessageVisibilityBatchOutput{Failed: refused}, nil
	}
	out, err := c.local.ChangeMessageVisibilityBatch(ctx, &rest, opts...)
	if err == nil {
		out.Failed = append(out.Failed, refused...)
	}
	return out, err
}

// loses draws whether the next change of visibility fails.
func (s *stress) loses() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.extensions++
	return s.losses && !s.calm && rand.New(rand.NewPCG(s.seed, uint64(s.extensions))).IntN(20) == 0
}

// stressTurn is one call of a handler.
type stressTurn struct {
	takes time.Duration
	end   soakEnd
	delay time.Duration // until it is tried again, or goes on
}

// turn draws the next call of the handler of a job. s.mu must be held.
func (s *stress) turn(j *stressJob) stressTurn {
	r := rand.New(rand.NewPCG(s.seed, uint64(j.sent)<<16|uint64(j.calls)))
	upTo := func(d time.Duration) time.Duration { return time.Duration(r.Int64N(int64(d))) }
	t := stressTurn{takes: upTo(2 * sec)}
	if r.IntN(50) == 0 && !s.calm {
		t.takes = upTo(s.long)
	}
	p, brief, long := r.IntN(100), upTo(6*sec), upTo(s.retry)
	if s.calm {
		p = 99
	}
	switch {
	case j.poison || s.outage:
		t.end, t.delay = soakFails, long
		if p%3 == 0 {
			t.end = soakRetries
		}
	case p < 8:
		t.end = soakFails
	case p < 14:
		t.end, t.delay = soakRetries, brief
	case p < 17:
		t.end, t.delay = soakRetries, long
	case p < 20:
		t.end, t.delay = soakSnoozes, brief
	case p < 22:
		t.end, t.delay = soakSnoozes, long
	case p < 24:
		t.end = soakPanics
	case p < 26:
		t.end = soakExits
	case p < 27:
		t.end = soakDiscards
	case p < 28:
		t.end = soakBuries
	default:
		t.end = soakDone
	}
	return t
}

// handle is the handler of all workers.
func (s *stress) handle(ctx context.Context, m *worker.Message) error {
	j, turn := s.started(m)
	end := soakFails
	defer func() { s.stopped(j, end) }()
	if err := wait(ctx, turn.takes); err != nil {
		return err
	}
	end = turn.end
	return turn.result()
}

// result is what the handler returns at the end of the turn, if it returns.
func (t stressTurn) result() error {
	switch t.end {
	case soakDone:
		return nil
	case soakRetries:
		return worker.RetryAfter(t.delay, errStress)
	case soakSnoozes:
		return worker.Snooze(t.delay)
	case soakPanics:
		panic(errStress)
	case soakExits:
		runtime.Goexit()
	case soakDiscards:
		return worker.Discard(errStress)
	case soakBuries:
		return worker.DeadLetter(errStress)
	}
	return errStress
}
