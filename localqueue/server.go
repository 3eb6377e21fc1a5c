package localqueue

import (
	"crypto/rand"
	"errors"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/api"
	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// ErrClosed is what every call returns, wrapped (use errors.Is), once the Server
// is closed, long polls under way included.
var ErrClosed = errors.New("localqueue: server closed")

// Server is an SQS service in this process: it has one method per SQS action,
// in the shape of *sqs.Client and returning the SDK's own error types, so it
// stands in for one. All methods are safe for concurrent use.
//
// The option functions of a call are run on an empty sqs.Options; its Region,
// and a credential whose access key id is twelve digits, choose the namespace
// (region and account) of the call. Its other fields have no meaning in process.
type Server struct {
	opts     Options
	began    time.Time
	ahead    engine.Time // of the wall clock: where the log on disk ended, if that is later
	ident    *api.Ident
	http     face
	done     chan struct{} // closed by Close
	draining atomic.Bool   // set by Drain
	disk     *disk         // nil: in memory
	recovery Recovery
	faults   atomic.Pointer[faults] // nil: none
	busy     sync.WaitGroup         // timers armed or running

	mu     sync.RWMutex // the registry; taken before any queue's lock
	engine *engine.Engine
	queues map[engine.Name]*queue
	closed bool
}

// New makes a Server without queues, in memory. Close ends it.
func New(opts ...func(*Options)) *Server {
	return newServer(engine.NewMessages, opts)
}

func newServer(store func(number uint32) engine.Messages, opts []func(*Options)) *Server {
	o := options(opts)
	var key [16]byte
	rand.Read(key[:]) // never fails
	e := engine.New(key, store, o.MaxInFlight)
	e.Relaxed = o.NoCooldown
	s := &Server{
		opts: o, began: time.Now(), engine: e, ident: api.NewIdent(key),
		done: make(chan struct{}), queues: map[engine.Name]*queue{},
	}
	f := newFaults(o.Faults)
	if f != nil {
		f.err = o.Faults.check()
	}
	s.faults.Store(f)
	s.http.verifier.Lookup = s.key
	if u, err := url.Parse(o.PublicURL); err == nil {
		s.http.host, s.http.path = hostname(u.Host), strings.TrimSuffix(u.Path, "/")
	}
	return s
}

// Close ends the server: long polls under way and later calls return ErrClosed,
// running move tasks stop. It waits until nothing of the server runs. Of a durable
// server it then brings everything to the disk and gives the directory back; the
// error is what kept it from that. Closing again does nothing.
func (s *Server) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	close(s.done)
	for _, q := range s.queues {
		q.mu.Lock()
		q.dismiss(ErrClosed)
		q.disarm()
		q.disarmDeletes()
		q.mu.Unlock()
	}
	s.mu.Unlock()
	s.busy.Wait()
	return s.disk.close()
}

// Drain ends all waiting: long polls under way return at once with no message, and
// no later receive waits. It is for a server that is about to stop and would
// rather answer its clients than hang up. Everything else goes on.
func (s *Server) Drain() {
	s.draining.Store(true)
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, q := range s.queues {
		q.mu.Lock()
		q.dismiss(nil)
		q.mu.Unlock()
	}
}

// now is the time that transitions are handed: that of the wall clock when the
// server was made, carried on by the monotonic clock, so that a clock that is set
// back holds up no deadline. Time on disk goes on from where it ended.
func (s *Server) now() engine.Time {
	return s.began.UnixNano() + s.ahead + int64(time.Since(s.began))
}
