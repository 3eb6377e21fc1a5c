package worker

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// FuncGate is a gate that asks a function; see [GateFunc].
type FuncGate struct {
	check   func(context.Context) error
	every   time.Duration
	mistake error

	mu     sync.Mutex
	asking chan struct{} // while check runs; closed when it has answered
	asked  bool          // there is an answer
	answer error
	at     time.Time // of the answer
}

// GateFunc returns a gate that has check say whether to receive now: nil says
// yes, an error says no, and why. A feature flag, a maintenance window, the
// pressure on memory or the health of what handlers need can be asked that way:
//
//	worker.GateFunc(db.PingContext, 5*time.Second)
//
// check is called before a receive unless it has answered less than every ago,
// and at intervals of every while it says no. One call is made at a time, and
// those who wait to receive wait for its answer, however long it takes; check
// should return when its context ends, which is when the worker stops. A panic
// in check is a no, with a *[PanicError] as the reason. The reason is kept for
// [FuncGate.Err]; nobody else is told, so check should log what is worth it. A receive
// that waits for gates behind this one, or breakers, does not ask once more.
func GateFunc(check func(ctx context.Context) error, every time.Duration) *FuncGate {
	g := &FuncGate{check: check, every: every}
	switch {
	case check == nil:
		g.mistake = errors.New("GateFunc: the function is nil")
	case every <= 0:
		g.mistake = fmt.Errorf("GateFunc: every is %v, want more than 0", every)
	}
	return g
}

func (g *FuncGate) validate() error {
	if g == nil || g.check == nil && g.mistake == nil {
		return errors.New("a FuncGate is made by GateFunc")
	}
	return g.mistake
}

// Err returns the last answer: why nothing is received, or nil if the gate is
// open or was not asked yet.
func (g *FuncGate) Err() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.answer
}

// Take implements [Gate].
func (g *FuncGate) Take(ctx context.Context, n int) (int, error) {
	if g.mistake != nil {
		return badGate{}.Take(ctx, n)
	}
	for began := time.Now(); ; {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		open, answered, again := g.ask(ctx, began)
		if open {
			return n, nil
		}
		await(ctx, answered, again)
	}
}

// ask returns the answer if it is fresh, or a yes given since began. If not, it sees
// to it that check is called and returns a channel that is closed after the call. If
// the answer is no, it returns in how long to ask again.
func (g *FuncGate) ask(ctx context.Context, began time.Time) (open bool, answered <-chan struct{}, again time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if age := time.Since(g.at); g.asking == nil && g.asked && (age < g.every || g.answer == nil && !g.at.Before(began)) {
		return g.answer == nil, nil, g.every - age
	}
	if g.asking == nil {
		g.asking = make(chan struct{})
		go g.call(ctx)
	}
	return false, g.asking, 0
}

// call has check answer. It is a goroutine of its own, which ends when check
// returns, because a Take must not outlast its context even if check does. An
// answer that comes after ctx has ended is dropped: it is mostly that. Others
// who wait ask again, with their own contexts.
func (g *FuncGate) call(ctx context.Context) {
	err := errors.New("GateFunc: the function called runtime.Goexit")
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		if ctx.Err() == nil {
			g.asked, g.answer, g.at = true, err, time.Now()
		}
		close(g.asking)
		g.asking = nil
	}()
	err = g.check(ctx)
}

// await waits until c is closed, for d unless it is 0, or until ctx ends.
func await(ctx context.Context, c <-chan struct{}, d time.Duration) {
	var over <-chan time.Time
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		over = t.C
	}
	select {
	case <-c:
	case <-over:
	case <-ctx.Done():
	}
}

// Return implements [Gate].
func (g *FuncGate) Return(int) {}

// Done implements [Gate].
func (g *FuncGate) Done(*Message, error) {}
