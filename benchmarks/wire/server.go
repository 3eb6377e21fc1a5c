package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/process"
	"github.com/quayside-go/quayside/benchmarks/wire/internal/lean"
)

// subject is a kind of server that is compared.
type subject struct {
	name  string
	start func(context.Context) (*process.Process, error)
	warm  time.Duration // how long it has to work before it is as fast as it gets
}

// server is a subject's process.
type server struct {
	subject
	process *process.Process
	sdk     bool // requests have the headers of an SDK
	warmed  bool
}

// run starts a new process of the subject. The caller closes it.
func (b *bench) run(x subject) (*server, error) {
	p, err := x.start(b.ctx)
	if err != nil {
		return nil, &failure{x.name, fmt.Errorf("start: %w", err)}
	}
	return &server{subject: x, process: p, sdk: b.sdk}, nil
}

// runAll starts the subjects. The caller calls stop, also after an error.
func (b *bench) runAll(all []subject) (running []*server, stop func(), err error) {
	stop = func() {
		for _, s := range running {
			s.close()
		}
	}
	for _, x := range all {
		s, err := b.run(x)
		if err != nil {
			return running, stop, err
		}
		running = append(running, s)
	}
	return running, stop, nil
}

func (s *server) close() { s.process.Stop() }

func (s *server) head(action string) lean.Head { return lean.NewHead(s.process.Addr, action, s.sdk) }

// callers opens n connections. The caller closes them with hangUp, also after an error.
func (s *server) callers(n int) ([]*caller, error) {
	var all []*caller
	for range n {
		conn, err := lean.Dial(s.process.Addr)
		if err != nil {
			return all, fmt.Errorf("open connection %d of %d to %s (is `ulimit -n` high enough?): %w", len(all)+1, n, s.name, err)
		}
		all = append(all, &caller{conn: conn})
	}
	return all, nil
}

func hangUp(all []*caller) {
	for _, c := range all {
		_ = c.conn.Close() // nothing is under way
	}
}

// ask makes one request on a connection of its own: servers close those that were idle for long.
func (s *server) ask(request []byte) ([]byte, error) {
	callers, err := s.callers(1)
	defer hangUp(callers)
	if err != nil {
		return nil, err
	}
	if err := callers[0].conn.Expire(patience); err != nil {
		return nil, err
	}
	return callers[0].do(request)
}

// queues gives every queue of a run a name of its own: one that was deleted cannot be made again for a
// minute.
var queues atomic.Int64

// newQueue makes a queue and the requests to it, with messages of that many bytes.
func (s *server) newQueue(body int) (*requests, error) {
	name := fmt.Sprintf("wire-%d", queues.Add(1))
	reply, err := s.ask(s.head("CreateQueue").Append(nil, fmt.Appendf(nil, `{"QueueName":"%s"}`, name)))
	if err != nil {
		return nil, fmt.Errorf("create a queue: %w", err)
	}
	urls := lean.Find(nil, reply, "QueueUrl")
	if len(urls) != 1 {
		return nil, fmt.Errorf("create a queue: no QueueUrl in %.300s", reply)
	}
	return s.newRequests(name, urls[0], body), nil
}

// drop deletes a queue with all its messages.
func (s *server) drop(q *requests) error {
	if _, err := s.ask(q.remove); err != nil {
		return fmt.Errorf("delete a queue: %w", err)
	}
	return nil
}

// load sends that many messages, rounded up to tens.
func (s *server) load(q *requests, messages int) error {
	callers, err := s.callers(loaders)
	defer hangUp(callers)
	if err != nil {
		return err
	}
	point(callers, q)
	if _, err := s.drive(callers, (messages+9)/10, sendBatch); err != nil {
		return fmt.Errorf("send %d messages: %w", messages, err)
	}
	return nil
}

// point has the callers make their requests to q.
func point(callers []*caller, q *requests) {
	for _, c := range callers {
		c.to = q
	}
}
