package localqueue

import (
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
	"github.com/quayside-go/quayside/localqueue/internal/naive"
)

// NewNaive is a Server over the plain engine, the oracle of the fast one.
func NewNaive(opts ...func(*Options)) *Server { return newServer(naive.New, opts) }

// Actions are those that HTTP knows.
func Actions() []string { return slices.Sorted(maps.Keys(routes)) }

// Check returns the first invariant found broken: of the engine, or of the account of
// what the disk is needed for.
func (s *Server) Check() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range s.queues {
		q.mu.Lock()
		defer q.mu.Unlock()
	}
	if err := s.engine.Check(); err != nil || s.disk == nil {
		return err
	}
	need := s.engine.Weigh()
	for _, info := range s.disk.log.Segments() {
		if got := s.disk.ledger.Needed(info.Number); got != need[info.Number] {
			return fmt.Errorf("of segment %d %d bytes are needed by the account, %d by the state", info.Number, got, need[info.Number])
		}
		delete(need, info.Number)
	}
	for n, bytes := range need {
		if n != 0 {
			return fmt.Errorf("%d bytes are needed of segment %d, which does not exist", bytes, n)
		}
	}
	return nil
}

// OpenOn is Open on any kind of disk.
func OpenOn(dir journal.Dir, opts ...func(*Options)) (*Server, error) {
	return open(dir, io.NopCloser(nil), opts)
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
