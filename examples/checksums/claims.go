package main

import (
	"errors"
	"sync"

	"github.com/quayside-go/quayside/worker"
)

// claims are the files that this process has hashed or is hashing. SQS delivers at least once, and a
// walk that begins again sends jobs again, so a file can have several messages at a time; it is
// hashed for one of them.
type claims struct {
	mu   sync.Mutex
	held map[claim]string // the id of the message it is hashed for; "" once that is done
}

type claim struct{ run, path string }

var errClaimed = errors.New("is being hashed already")

// take reports whether c is the message's to hash. If it is not, err says what becomes of the
// message: nil that it can go, since the file is done, or another message stands for it until then.
func (s *claims) take(c claim, message string) (mine bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	holder, held := s.held[c]
	switch {
	case !held:
		s.held[c] = message
		return true, nil
	case holder != "" && holder == message: // its lease ran out, and it must not be deleted
		return false, worker.RetryAfter(retryAfter, errClaimed)
	}
	return false, nil
}

// settle ends what take began.
func (s *claims) settle(c claim, done bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if done {
		s.held[c] = ""
	} else {
		delete(s.held, c)
	}
}
