package worker_test

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/worker"
)

var (
	stressSeeds = flag.Uint64("stress.seeds", 10, "how many seeds the stress test goes through")
	stressFirst = flag.Uint64("stress.first", 1, "the first seed of the stress test; each fixes all but the order of goroutines")
)

// What gates, groups, pools, buffers, pauses, drains and lost leases do to each other shows
// in small scenarios drawn at random: nothing is lost, or handled twice at once, groups
// keep their order, gates get back all they have granted, and when the trouble is over the
// queue empties.
func TestStress(t *testing.T) {
	t.Parallel()
	for i := range *stressSeeds {
		seed := *stressFirst + i
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			bubble(t, func(t *testing.T) { newStress(t, seed).run() })
		})
	}
}

// A stress is some workers of one queue, and an hour or so of trouble for them.
type stress struct {
	t      *testing.T
	seed   uint64
	rnd    *rand.Rand // of the test's goroutine
	server *local

	queue, dead  string
	fifo         bool
	receives     int           // maxReceiveCount
	visibility   int           // timeout, in seconds
	faults       bool          // of the queue
	losses       bool          // some leases are lost
	drains       bool          // workers are stopped, and others started
	long         time.Duration // what few handlers take at most
	retry        time.Duration // the longest delay of a retry
	gates        stressGates
	workers      []*stressWorker
	groups, each int // messages of a group that are sent at a time

	complaints atomic.Int64

	mu     sync.Mutex
	jobs   map[string]*stressJob   // by body
	order  map[string][]*stressJob // by group
	outage bool                    // handlers fail
	calm   bool                    // they succeed, but for those of poison
	lost   int                     // leases

	extensions int // and other changes of visibility, that were asked for
}

func newStress(t *testing.T, seed uint64) *stress {
	r := rand.New(rand.NewPCG(seed, 7))
	s := &stress{
		t: t, seed: seed, rnd: r, server: newLocal(t, "jobs.fifo -> dead.fifo", "orders -> dead"),
		queue: "orders", dead: "dead", fifo: r.IntN(10) < 8,
		receives: stressPick(r, 1, 2, 3, 5, 8), visibility: stressPick(r, 10, 30, 60, 900),
		faults: r.IntN(3) == 0, drains: r.IntN(2) == 0,
		long: stressPick(r, 10*sec, time.Minute, 10*time.Minute), retry: stressPick(r, 5*sec, 30*sec, 5*time.Minute),
		jobs: make(map[string]*stressJob), order: make(map[string][]*stressJob),
	}
	if s.fifo {
		s.queue, s.dead = "jobs.fifo", "dead.fifo"
	}
	s.server.receives(s.queue, s.receives)
	s.server.set(s.queue, "VisibilityTimeout", strconv.Itoa(s.visibility))
	if s.faults {
		s.setFaults()
	}
	s.gates = stressGates{rnd: r, fifo: s.fifo, audit: newStressSlots(1 << 30)}
	s.drawWorkers()
	s.groups, s.each = 1+r.IntN(15), 1+r.IntN(12)
	s.losses = r.IntN(5) == 0
	t.Logf("-stress.first %d: %s, maxReceiveCount %d, visibility timeout %ds, faults %v, losses %v, drains %v, %d groups of %d, %v",
		seed, s.queue, s.receives, s.visibility, s.faults, s.losses, s.drains, s.groups, s.each, s.workers)
	return s
}

// stressPick returns one of those.
func stressPick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

func (s *stress) setFaults() {
	f := localqueue.Faults{Seed: s.seed}
	for _, kind := range []localqueue.FaultKind{localqueue.LostRequest, localqueue.LostReply, localqueue.Throttled, localqueue.ServerError} {
		for _, action := range []string{"ReceiveMessage", "DeleteMessageBatch", "ChangeMessageVisibilityBatch"} {
			f.Rules = append(f.Rules, localqueue.Fault{Kind: kind, Action: action, Rate: 0.0125})
		}
	}
	if err := s.server.SetFaults(f); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stress) run() {
	for _, w := range s.workers {
		s.launch(w)
	}
	for range 8 {
		s.send()
		for range 6 {
			time.Sleep(time.Duration(s.rnd.Int64N(int64(2 * time.Minute))))
			s.disturb()
		}
	}
	s.settle()
	s.empty()
	for _, w := range s.workers {
		s.drain(w)
	}
	after(time.Hour)
	s.judge()
}

// send sends some messages to each group.
func (s *stress) send() {
	for range s.each {
		for g := range s.groups {
			j := s.newJob(fmt.Sprint("g", g))
			if s.fifo {
				s.server.sendOne(s.queue, j.group, j.body)
			} else {
				s.server.sendOne(s.queue, "", j.body)
			}
		}
	}
}

// disturb begins or ends an outage, closes or opens gates, and pauses, resumes or replaces
// a worker.
func (s *stress) disturb() {
	s.mu.Lock()
	s.outage = s.rnd.IntN(4) == 0
	s.mu.Unlock()
	s.gates.flip()
	w := stressPick(s.rnd, s.workers...)
	switch s.rnd.IntN(4) {
	case 0:
		w.Pause()
	case 1:
		w.Resume()
	case 2:
		if s.drains {
			s.drain(w)
			s.launch(w)
		}
	}
}

// settle ends all that keeps messages from being handled.
func (s *stress) settle() {
	s.gates.open()
	s.mu.Lock()
	s.outage, s.calm = false, true
	s.mu.Unlock()
	for _, w := range s.workers {
		w.Resume()
	}
}

// drain stops w.
func (s *stress) drain(w *stressWorker) {
	began := time.Now()
	w.stop()
	err := <-w.ended
	most := worker.DefaultDrainTimeout + worker.DefaultCancelTimeout + worker.DefaultFlushTimeout
	if took := time.Since(began); took > most {
		s.complain("a drain took %v, want at most %v", took, most)
	}
	var d *worker.DrainError
	if err != nil && !errors.As(err, &d) {
		s.complain("Run = %v", err)
	}
	if st := w.Stats(); st.Running+st.Waiting+st.Leases != 0 {
		s.complain("after the drain %d running, %d waiting, %d leases", st.Running, st.Waiting, st.Leases)
	}
}
