package main

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/process"
	"github.com/quayside-go/quayside/benchmarks/wire/internal/lean"
)

// subject is a kind of server that is compared.
type subject struct {
	name    string
	start   func(ctx context.Context, dir string) (*process.Process, error) // dir is the process's own, and is removed after it
	warm    time.Duration                                                   // how long it has to work before it is as fast as it gets
	peer    bool                                                            // it is not ours: it may be slow, or fail
	forgets bool                                                            // it keeps no message
	signed  bool                                                            // it finds out by the Authorization for which service a request is
}

// server is a subject's process.
type server struct {
	subject
	process *process.Process
	dir     string
	sdk     bool // requests have the headers of an SDK
	failed  bool // in some way: the next measure has another process
}

// run starts a new process of the subject. The caller closes it.
func (b *bench) run(x subject) (*server, error) {
	dir, err := os.MkdirTemp(b.dir, x.name+"-")
	if err != nil {
		return nil, err
	}
	p, err := x.start(b.ctx, dir)
	if err != nil {
		_ = os.RemoveAll(dir) // what it is in is removed at the end
		return nil, fmt.Errorf("start: %w", err)
	}
	return &server{subject: x, process: p, dir: dir, sdk: b.sdk || x.signed}, nil
}

func (s *server) close() {
	if s.peer {
		s.process.StopIn(2 * time.Second) // some take their time, and nothing of theirs is needed any more
	} else {
		s.process.Stop()
	}
	_ = os.RemoveAll(s.dir) // what it is in is removed at the end
}

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
		if c.conn != nil {
			_ = c.conn.Close() // nothing is under way
		}
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
	return s.createQueue(fmt.Sprintf("wire-%d", queues.Add(1)), "", body)
}

// createQueue makes a queue with attributes, which are members of a JSON object.
func (s *server) createQueue(name, attributes string, body int) (*requests, error) {
	reply, err := s.ask(s.head("CreateQueue").Append(nil, fmt.Appendf(nil, `{"QueueName":"%s","Attributes":{%s}}`, name, attributes)))
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
	_, err := s.fill(q, messages, 0)
	return err
}

// point has the callers make their requests to q.
func point(callers []*caller, q *requests) {
	for _, c := range callers {
		c.to = q
	}
}
