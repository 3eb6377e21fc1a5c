package localqueue

import (
	"fmt"

	"github.com/quayside-go/quayside/localqueue/internal/hook"
)

func init() { hook.Check = func(s any) error { return s.(*Server).check() } }

// check returns the first invariant found broken: of the engine, or of the account of
// what the disk is needed for.
func (s *Server) check() error {
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
