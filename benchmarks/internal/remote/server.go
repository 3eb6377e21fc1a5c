package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/process"
)

// patience is how long a server may take to do what it is told: to fill a queue with large messages at
// most.
const patience = time.Minute

// Server is a server's process.
type Server struct {
	process *process.Process
	control *http.Client
}

// Start starts this program again as a server. The caller stops it; it ends with ctx at the latest.
func Start(ctx context.Context) (*Server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p, err := process.Start(ctx, self, Argument)
	if err != nil {
		return nil, err
	}
	// One connection, opened by the first request and kept, so that what is counted of others is exact.
	s := &Server{p, &http.Client{Timeout: patience, Transport: &http.Transport{MaxConnsPerHost: 1}}}
	if err := s.tell(ctx, "create", "control", values{"visibility": 30}); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// Stop ends the process.
func (s *Server) Stop() {
	s.control.CloseIdleConnections()
	s.process.Stop()
}

// URL is where the server is.
func (s *Server) URL() string { return "http://" + s.process.Addr }

// Create makes a queue with a visibility timeout, which is in whole seconds.
func (s *Server) Create(ctx context.Context, queue string, visibility time.Duration) error {
	return s.tell(ctx, "create", queue, values{"visibility": int(visibility.Seconds())})
}

// Fill sends messages of size bytes, in the server.
func (s *Server) Fill(ctx context.Context, queue string, messages, size int) error {
	return s.tell(ctx, "fill", queue, values{"messages": messages, "size": size})
}

// Keep has so many messages of size bytes wait in the queue, however many are taken, until it is dropped.
func (s *Server) Keep(ctx context.Context, queue string, messages, size int) error {
	return s.tell(ctx, "keep", queue, values{"messages": messages, "size": size})
}

// Number sends messages of size bytes, in the server, that Read can tell apart: their numbers are those from 0.
func (s *Server) Number(ctx context.Context, queue string, messages, size int) error {
	return s.tell(ctx, "number", queue, values{"messages": messages, "size": size})
}

// Pace does what Number does, but sends so many a second. It returns when the last is sent; nothing else can be
// asked of the server meanwhile.
func (s *Server) Pace(ctx context.Context, queue string, messages, size, rate int) error {
	return s.tell(ctx, "pace", queue, values{"messages": messages, "size": size, "rate": rate})
}

// Drop deletes a queue.
func (s *Server) Drop(ctx context.Context, queue string) error {
	return s.tell(ctx, "drop", queue, nil)
}

// Counts returns what the server has counted, of all queues together, and the figures of one.
func (s *Server) Counts(ctx context.Context, queue string) (Counts, error) {
	var c Counts
	err := s.ask(ctx, "counts", url.Values{"queue": {queue}}, &c)
	return c, err
}

// values are what a verb needs to know beside the queue.
type values map[string]int

// tell has the server do something with a queue.
func (s *Server) tell(ctx context.Context, verb, queue string, and values) error {
	q := url.Values{"queue": {queue}}
	for name, n := range and {
		q.Set(name, strconv.Itoa(n))
	}
	return s.ask(ctx, verb, q, new(struct{}))
}

// ask makes a request whose answer is decoded into a.
func (s *Server) ask(ctx context.Context, verb string, q url.Values, a any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL()+control+verb+"?"+q.Encode(), nil)
	if err != nil {
		return err
	}
	reply, err := s.control.Do(r)
	if err != nil {
		return fmt.Errorf("the server, %s: %w", verb, err)
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	if err == nil && reply.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s", text)
	}
	if err == nil {
		err = json.Unmarshal(text, a)
	}
	if err != nil {
		return fmt.Errorf("the server, %s: %w", verb, err)
	}
	return nil
}
