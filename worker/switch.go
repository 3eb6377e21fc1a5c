package worker

import (
	"context"
	"errors"
	"sync"
)

// Switch is a gate worked by hand: nothing is received while it is paused. The
// zero Switch lets everything through. It can be shared by several workers, and
// its methods may be called at any time, by any goroutine and any number of
// times in a row.
//
// Pause holds back the next receive of each poller. It returns at once: a long
// poll under way may bring messages still, and what was received is handled, but
// for what waits behind others of its FIFO group; see [Gate].
type Switch struct {
	mu      sync.Mutex
	resumed chan struct{} // nil if open; closed by Resume
}

func (s *Switch) validate() error {
	if s == nil {
		return errors.New("the Switch is nil")
	}
	return nil
}

// Pause stops receiving until Resume.
func (s *Switch) Pause() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.resumed == nil {
		s.resumed = make(chan struct{})
	}
}

// Resume lets receiving go on.
func (s *Switch) Resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.resumed != nil {
		close(s.resumed)
		s.resumed = nil
	}
}

// Paused reports whether the switch is paused.
func (s *Switch) Paused() bool { return s.paused() != nil }

// paused returns what Resume will close, nil if the switch is open.
func (s *Switch) paused() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.resumed
}

// Take implements [Gate].
func (s *Switch) Take(ctx context.Context, n int) (int, error) {
	for {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		resumed := s.paused()
		if resumed == nil {
			return n, nil
		}
		select {
		case <-resumed: // and perhaps paused again
		case <-ctx.Done():
		}
	}
}

// Return implements [Gate].
func (s *Switch) Return(int) {}

// Done implements [Gate].
func (s *Switch) Done(*Message, error) {}
