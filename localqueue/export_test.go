package localqueue

import (
	"io"
	"maps"
	"runtime"
	"slices"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/hook"
	"github.com/quayside-go/quayside/localqueue/internal/journal"
	"github.com/quayside-go/quayside/localqueue/internal/naive"
)

// NewNaive is a Server over the plain engine, the oracle of the fast one.
func NewNaive(opts ...func(*Options)) *Server { return newServer(naive.New, opts) }

// Actions are those that HTTP knows.
func Actions() []string { return slices.Sorted(maps.Keys(routes)) }

func init() { hook.LeastSegment = 256 << 10 }

// Check returns the first invariant found broken.
func (s *Server) Check() error { return s.check() }

// OpenOn is Open on any kind of disk.
func OpenOn(dir journal.Dir, opts ...func(*Options)) (*Server, error) {
	return open(dir, io.NopCloser(nil), "", opts)
}

// Clean waits until the cleaner has nothing more to do.
func (s *Server) Clean() {
	for done := false; !done; {
		done = true
		for _, info := range s.disk.log.Segments() {
			if info.Sealed && s.disk.ledger.Dead(info.Number) {
				done = false
			}
		}
		if len(s.disk.cleaner.victims()) > 0 {
			done = false
		}
		s.disk.cleaner.look()
		runtime.Gosched()
	}
}

// Rest lets no move task of a queue take a step for a while.
func (s *Server) Rest(arn string, d time.Duration) {
	if q, err := s.taskQueue(arn); err == nil {
		q.rest = s.now() + int64(d)
		q.mu.Unlock()
	}
}

// FullIn is ErrFull of a server in a directory.
func FullIn(dir string) error { return &fullError{dir, false, ErrFull} }

// CostOfControl is the room that a change of a queue asks for.
const CostOfControl = costOfControl

// Append writes records of these kinds for a queue as one call does that is not to wait
// for what others wrote, and waits as that does. No log can be read again that has them.
func (s *Server) Append(name string, kinds ...engine.Kind) error {
	q := s.local(name)
	q.mu.Lock()
	q.begin()
	for _, k := range kinds {
		q.sink.Append(k, []byte("nothing"), 0)
	}
	t := q.told(false)
	q.mu.Unlock()
	return t.wait()
}

// Armed reports whether a queue's timer is set.
func (s *Server) Armed(name string) bool {
	q := s.local(name)
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.alarm != nil
}

// Tasks are the handles of the tasks from a queue, newest first. It waits for nothing.
func (s *Server) Tasks(name string) (list []string) {
	q := s.local(name)
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, t := range q.q.LatestTasks(engine.KeptTasks) {
		list = append(list, taskHandle(t.ID, q.q.Name.ARN()))
	}
	return list
}

// local is a queue of the default namespace.
func (s *Server) local(name string) *queue {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.queues[engine.Name{Account: s.opts.Account, Region: s.opts.Region, Queue: name}]
}

// Newest is the segment that is written to.
func (s *Server) Newest() uint32 { return s.disk.newest.Load() }
