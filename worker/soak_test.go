package worker_test

import (
	"flag"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/worker"
)

var (
	soakSeed   = flag.Uint64("soak.seed", 0, "the seed of the soak tests, which fixes all but the order of goroutines; 0: a new one")
	soakHours  = flag.Int("soak.hours", 0, "how many hours a soak test lasts; 0: 24, over HTTP 6, a quarter with -short or -race")
	soakRate   = flag.Int("soak.rate", 800, "how many messages an hour 200 handlers get in a soak test")
	soakFaults = flag.Float64("soak.faults", 0.01, "how often each kind of fault strikes in a soak test")
)

// What no other test knows of shows in a day of everything at once: nothing is lost, no
// handler runs without a lease, groups keep their order, and what is done is not done
// again without a fault or a crash that explains it.
func TestSoak(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string]bool{"faults": true, "no faults": false} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) { newSoak(t, 24, 200, faults).run() })
		})
	}
}

// A soak is a day of workers: processes that share queues, messages whose handlers
// take up to hours and end in every way, three restarts, faults.
type soak struct {
	t       *testing.T
	seed    uint64
	day     time.Duration
	permits int // of all processes
	faults  bool
	server  *localqueue.Server
	dial    func() worker.Client // makes the client of a process
	watch   *soakWatch
	sent    map[int]soakSent // by number
	live    []*soakProcess   // by spec
}

// soakSent is a message that SQS has taken.
type soakSent struct {
	queue soakQueue
	job   soakJob
}

func newSoak(t *testing.T, hours, permits int, faults bool) *soak {
	s := &soak{t: t, seed: *soakSeed, permits: permits, faults: faults, sent: make(map[int]soakSent)}
	for s.seed == 0 {
		s.seed = rand.Uint64N(1_000_000)
	}
	if *soakHours > 0 {
		hours = *soakHours
	} else if testing.Short() || soakRaces {
		hours /= 4
	}
	s.day = time.Duration(hours) * time.Hour
	t.Logf("-soak.seed %d: %d handlers, %v", s.seed, permits, s.day)
	s.server = localqueue.New()
	s.dial = func() worker.Client { return s.server }
	s.watch = &soakWatch{
		t: t, seed: s.seed, faults: faults, script: soakScript{s.seed},
		deliveries: make(map[string]*soakDelivery), copies: make(map[string]*soakCopy),
		groups: make(map[string][]*soakDelivery), counts: make(map[string]int),
	}
	return s
}

// run is the day.
func (s *soak) run() {
	defer s.server.Close()
	began := time.Now()
	s.createQueues()
	s.setFaults()
	for i := range soakSpecs {
		s.live = append(s.live, s.launch(i, 1))
	}
	producers := s.produce()
	time.Sleep(s.day / 4)
	s.redeploy(0, 3)
	time.Sleep(s.day / 8)
	s.outage()
	time.Sleep(time.Until(began.Add(s.day / 2)))
	s.restart(2, 4)
	time.Sleep(s.day / 4)
	s.crash(0, 1, 3)
	producers.Wait()
	time.Sleep(time.Until(began.Add(s.day)))
	s.empty()
	s.report(time.Since(began))
	for _, p := range s.live {
		p.atRest()
		p.stop()
		p.ended()
		if d := p.unclean(); d != (worker.DrainError{}) {
			s.t.Errorf("seed %d: %s is at rest and yet ends with %v", s.seed, p.name, &d)
		}
	}
	s.judge()
}

// redeploy starts processes while those before them finish what they have, however
// long that takes.
func (s *soak) redeploy(specs ...int) {
	for _, i := range specs {
		old := s.live[i]
		s.live[i] = s.launch(i, 2)
		old.stop()
		go func() {
			old.ended()
			if d := old.unclean(); d.Abandoned > 0 || d.Undeleted > 0 && !s.faults {
				s.t.Errorf("seed %d: the drain of %s had time for all handlers, and ends with %v", s.seed, old.name, &d)
			}
		}()
	}
}

// restart stops processes that have no time for their handlers, and starts others.
func (s *soak) restart(specs ...int) {
	abandoned := 0
	for _, i := range specs {
		old := s.live[i]
		began := time.Now()
		old.stop()
		old.ended()
		abandoned += old.unclean().Abandoned
		most := worker.DefaultDrainTimeout + worker.DefaultCancelTimeout + worker.DefaultFlushTimeout
		if took := time.Since(began); took > most {
			s.t.Errorf("seed %d: the drain of %s took %v, want at most %v", s.seed, old.name, took, most)
		}
		s.live[i] = s.launch(i, 2)
	}
	if abandoned == 0 {
		s.t.Errorf("seed %d: no handler was abandoned; the soak means to see some", s.seed)
	}
}

// crash has processes die, and starts others. Of what the dead ones still try
// nothing reaches the queue.
func (s *soak) crash(specs ...int) {
	for _, i := range specs {
		old := s.live[i]
		old.die()
		old.stop()
		s.live[i] = s.launch(i, 3)
		go old.ended()
	}
}
