package middleware

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/quayside-go/quayside/worker"
)

var errHandlerExited = errors.New("middleware: Segments: the handler called runtime.Goexit")

// decided is the answer for all parts to err, which the handler of the payload whose first
// part is p has returned. What would be decided for each by chance, the delay of a failure,
// is decided here.
func decided(p *part, err error) answer {
	a := answer{err: err, policy: new(worker.Policy)}
	switch worker.OutcomeOf(p.ctx, err) {
	case worker.Done, worker.Discarded:
		a.done = true
	case worker.Snoozed:
		a.snoozed = true
	case worker.Released:
		a.released = true
	case worker.DeadLettered: // it fails if there is no dead-letter queue
		a.err = fixDelay(p.message, err)
	case worker.Failed:
		if !worker.Decides(err) {
			a.err = fixDelay(p.message, err)
		}
	}
	*a.policy = *p.message.Policy()
	return a
}

// fixDelay has m, and what shares its Policy, come back after a failure with err at one
// time. It returns err, with the panic of a Policy.Retry if there was one.
func fixDelay(m *worker.Message, err error) error {
	retry := m.Policy().Retry
	if retry == nil {
		retry = worker.Backoff
	}
	var d time.Duration
	if panicked := rescued(func() { d = retry(m, err) }); panicked != nil {
		err = errors.Join(err, panicked)
		d = worker.Backoff(m, err)
	}
	m.Policy().Retry = func(*worker.Message, error) time.Duration { return d }
	return err
}

// join puts the bodies together.
func (g *gathering) join() (string, error) {
	var n int64
	for _, p := range g.latest {
		n += int64(len(p.body))
	}
	if n != g.key.segment.Bytes {
		return "", fmt.Errorf("middleware: Segments: the %d parts of the payload have %d bytes, want %d", len(g.latest), n, g.key.segment.Bytes)
	}
	var text strings.Builder
	text.Grow(int(n))
	sum := sha256.New()
	for _, p := range g.latest {
		text.WriteString(p.body)
		_, _ = io.WriteString(sum, p.body) // it does not fail
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != g.key.segment.SHA256 {
		return "", fmt.Errorf("middleware: Segments: the %d parts of the payload have the SHA-256 %s, want %s", len(g.latest), got, g.key.segment.SHA256)
	}
	return text.String(), nil
}

const (
	// receivesPerStep is after how many receives the time doubles for which parts are given
	// back: to begin with, processes look for each other's parts.
	receivesPerStep = 10
	maxPause        = 5 * time.Minute
)

// pause is for how long a part that was received so often is given back, at most about
// 2 x most: a random time of whole seconds.
func pause(receives int, most time.Duration) time.Duration {
	d := time.Second << min(max(receives, 0)/receivesPerStep, 10)
	return rand.N(2*min(d, max(most, time.Second))) + 1
}

// left is why a part whose context has ended does not wait any more.
func left(ctx context.Context) error {
	return fmt.Errorf("wait for the other parts: %w", context.Cause(ctx))
}

// history remembers payloads: the last n, and up to as many before.
type history struct {
	n          int // default: rememberedPayloads
	young, old map[payloadKey]past
}

// past is what became of a payload.
type past struct {
	attempts int  // how often it was handled here
	done     bool // it is not to be handled again
}

const rememberedPayloads = 10_000

func (h *history) of(k payloadKey) past {
	if p, ok := h.young[k]; ok {
		return p
	}
	return h.old[k]
}

func (h *history) set(k payloadKey, p past) {
	if h.young == nil || len(h.young) >= cmp.Or(h.n, rememberedPayloads) {
		h.young, h.old = make(map[payloadKey]past), h.young
	}
	h.young[k] = p
}
