package killtest_test

import (
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/quayside-go/quayside/localqueue"
)

// inProcess is a service in this process, whose server lives on while its lives end:
// all connections are cut, and what was under way takes effect without an answer. So it
// loses nothing, but for the fault put into it.
type inProcess struct {
	server  *localqueue.Server
	fault   *fault // may be nil
	mu      sync.Mutex
	http    *http.Server
	lives   int
	serving sync.WaitGroup
}

func newInProcess(f *fault) *inProcess {
	s := &inProcess{fault: f, server: localqueue.New(func(o *localqueue.Options) { o.NoCooldown = true })}
	if f != nil {
		f.server, f.seen = s.server, map[string]int{}
	}
	return s
}

func (s *inProcess) start(childConfig) (ready, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return ready{}, err
	}
	h := childHandler(s.server)
	if s.fault != nil {
		if s.lives > 0 && s.fault.reborn != nil {
			s.fault.reborn(s.fault)
		}
		h = s.fault.around(h)
	}
	s.lives++
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.serving.Add(1)
		defer s.serving.Done()
		h.ServeHTTP(w, r)
	})}
	s.mu.Lock()
	s.http = server
	s.mu.Unlock()
	s.serving.Go(func() { _ = server.Serve(l) })
	return ready{URL: "http://" + l.Addr().String()}, nil
}

func (s *inProcess) stillborn(childConfig, time.Duration) error { return nil }

func (s *inProcess) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.http != nil {
		_ = s.http.Close()
	}
}

func (s *inProcess) close(time.Duration) error {
	s.kill()
	return s.wait()
}

func (s *inProcess) wait() error {
	s.serving.Wait()
	return nil
}
