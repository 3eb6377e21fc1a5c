package localqueue

import (
	"context"
	"errors"
	"net"
	"sync"
	"syscall"
	"time"

	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// faults are those in force.
type faults struct {
	seed  uint64
	rules []Fault
	err   error // what is wrong with those of Options: calls fail with it

	mu    sync.Mutex
	calls map[site]uint64 // how many there were
}

// site is what calls are numbered by: an action and the queue it is made to, 0 if there
// is none.
type site struct {
	action string
	queue  uint32
}

// newFaults makes those of f, nil if there are none.
func newFaults(f Faults) *faults {
	if len(f.Rules) == 0 {
		return nil
	}
	return &faults{seed: f.Seed, rules: append([]Fault(nil), f.Rules...), calls: map[site]uint64{}}
}

// fate is what the faults in force hold in store for one call. A call without faults has
// none: nil.
type fate struct {
	*faults
	action, queue string
	call          uint64 // its number
}

// fateOf numbers a call that is made to the queue of this name, if it is made to one.
func (f *faults) fateOf(s *Server, action string, n engine.Name) *fate {
	at := site{action: action}
	s.mu.RLock()
	if q := s.queues[n]; q != nil {
		at.queue = q.q.Number
	}
	s.mu.RUnlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls[at]++
	return &fate{faults: f, action: action, queue: n.Queue, call: f.calls[at]}
}

// strikes reports whether a fault of this kind strikes the call, and the first rule that
// it does so by.
func (f *fate) strikes(kind FaultKind) (Fault, bool) {
	if f == nil {
		return Fault{}, false
	}
	return f.under(kind, f.hash(kind, f.action, f.call, 0))
}

// failsEntry is how an entry of a batch fails that is struck.
func (f *fate) failsEntry(entry int) error {
	if f == nil {
		return nil
	}
	if _, ok := f.under(PartialBatch, f.hash(PartialBatch, f.action, f.call, uint64(entry))); ok {
		return errInternal
	}
	return nil
}

var errInternal = &engine.Error{Code: engine.CodeInternalError, Message: "We encountered an internal error. Please try again."}

// strikesMessage is strikes for a message and its receive of that number.
func (f *fate) strikesMessage(kind FaultKind, seq uint64, receive uint32) (Fault, bool) {
	if f == nil {
		return Fault{}, false
	}
	return f.under(kind, f.hash(kind, "", seq, uint64(receive)))
}

// under is the first rule of the kind that concerns the call and whose rate the hash is
// under.
func (f *fate) under(kind FaultKind, hash uint64) (Fault, bool) {
	draw := float64(hash>>11) / (1 << 53)
	for i := range f.rules {
		if r := &f.rules[i]; r.Kind == kind && draw < r.Rate && r.concerns(f.action, f.queue) {
			return *r, true
		}
	}
	return Fault{}, false
}

func (r *Fault) concerns(action, queue string) bool {
	return (r.Action == "" || r.Action == action) && (r.Queue == "" || r.Queue == queue)
}

// hash is of the seed, the kind, the queue and what else is given.
func (f *fate) hash(kind FaultKind, action string, a, b uint64) uint64 {
	h := mix(f.seed)
	h = mix(h ^ textHash(string(kind)))
	h = mix(h ^ textHash(action))
	h = mix(h ^ textHash(f.queue))
	h = mix(h ^ a)
	return mix(h ^ b)
}

// textHash is FNV-1a.
func textHash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// mix is a step of SplitMix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// lost is a connection that broke while op, write or read, was under way, as an SDK
// client tells it.
type lost struct{ op string }

func (e *lost) Error() string { return e.op + ": connection reset by a fault" }

func (e *lost) sdk() error {
	return &smithyhttp.RequestSendError{Err: &net.OpError{Op: e.op, Net: "tcp", Err: syscall.ECONNRESET}}
}

// before is what the call meets before anything is done.
func (f *fate) before(ctx context.Context, s *Server) error {
	if r, ok := f.strikes(Slow); ok {
		if err := s.wait(ctx, r.Delay); err != nil {
			return err
		}
	}
	if _, ok := f.strikes(LostRequest); ok {
		return &lost{"write"}
	}
	if _, ok := f.strikes(Throttled); ok {
		if f.heads(Throttled) {
			return &engine.Error{Code: engine.CodeThrottling, Message: "Rate exceeded"}
		}
		return &engine.Error{Code: engine.CodeRequestThrottled, Message: "The request was denied due to request throttling."}
	}
	if _, ok := f.strikes(ServerError); ok {
		if f.heads(ServerError) {
			return &engine.Error{Code: engine.CodeInternalFailure, Message: "We encountered an internal error. Please try again."}
		}
		return &engine.Error{Code: engine.CodeServiceUnavailable, Message: "Service is unavailable. Please try again."}
	}
	return nil
}

// heads says which of two ways a fault shows itself in.
func (f *fate) heads(kind FaultKind) bool { return f.hash(kind, f.action, f.call, 1<<63)&1 == 0 }

// after is what becomes of a call that ended with err. One that its caller or the end of
// the server ended has no reply to lose.
func (f *fate) after(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, ErrClosed) {
		return err
	}
	if _, ok := f.strikes(LostReply); ok {
		return &lost{"read"}
	}
	return err
}

// wait lets d pass.
func (s *Server) wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.done:
		return ErrClosed
	}
}
