package localqueue

import (
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/api"
	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// Defaults of Options.
const (
	DefaultRegion      = "us-east-1"
	DefaultAccount     = "000000000000"
	DefaultMaxInFlight = 120_000
)

// ErrClosed is what every call returns, wrapped (use errors.Is), once the Server
// is closed, long polls under way included.
var ErrClosed = errors.New("localqueue: server closed")

// Options set up a Server. The zero value is SQS as documented.
type Options struct {
	// Region (lower-case letters, digits, hyphens) and Account (twelve digits) are
	// the namespace of calls that name no other. Calls of a server whose Options
	// name an impossible one fail and say so. Default: DefaultRegion, DefaultAccount.
	Region, Account string

	// MaxInFlight is how many messages of one queue may be received and not yet
	// deleted. Beyond it a short poll of a standard queue gets OverLimit, other
	// receives get nothing. Default, for 0 and less: DefaultMaxInFlight, as on SQS.
	// More than that is not to be had.
	MaxInFlight int

	// ThrottleFIFO applies SQS's throughput limits to FIFO queues: 300 calls per
	// second for each of send, receive and delete, or what the region has in
	// high-throughput mode; beyond, ThrottlingException. Default: no limit.
	ThrottleFIFO bool

	// NoCooldown lifts two rules that SQS answers with an error: that a queue's
	// name cannot be used again for 60 seconds after DeleteQueue, and that a queue
	// cannot be purged again for 60 seconds.
	NoCooldown bool
}

// Server is an SQS service in this process: it has one method per SQS action,
// in the shape of *sqs.Client and returning the SDK's own error types, so it
// stands in for one. All methods are safe for concurrent use.
//
// The option functions of a call are run on an empty sqs.Options; its Region,
// and a credential whose access key id is twelve digits, choose the namespace
// (region and account) of the call. Its other fields have no meaning in process.
type Server struct {
	opts  Options
	began time.Time
	ident *api.Ident
	done  chan struct{}  // closed by Close
	busy  sync.WaitGroup // timers armed or running

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
	var o Options
	for _, f := range opts {
		f(&o)
	}
	if o.Region == "" {
		o.Region = DefaultRegion
	}
	if o.Account == "" {
		o.Account = DefaultAccount
	}
	if o.MaxInFlight <= 0 || o.MaxInFlight > DefaultMaxInFlight {
		o.MaxInFlight = DefaultMaxInFlight
	}
	var key [16]byte
	rand.Read(key[:]) // never fails
	e := engine.New(key, store, o.MaxInFlight)
	e.Relaxed = o.NoCooldown
	return &Server{
		opts: o, began: time.Now(), engine: e, ident: api.NewIdent(key),
		done: make(chan struct{}), queues: map[engine.Name]*queue{},
	}
}

// Close ends the server: long polls under way and later calls return ErrClosed,
// running move tasks stop. It waits until nothing of the server runs. Closing
// again does nothing. The error is always nil.
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
		q.mu.Unlock()
	}
	s.mu.Unlock()
	s.busy.Wait()
	return nil
}

// now is the time that transitions are handed: that of the wall clock when the
// server was made, carried on by the monotonic clock, so that a clock that is set
// back holds up no deadline.
func (s *Server) now() engine.Time { return s.began.UnixNano() + int64(time.Since(s.began)) }
