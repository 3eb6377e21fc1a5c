package worker

import "testing"

// While handlers are quick, the goroutines of a whole reply are not woken at once: each
// wakes the next, if something is left when it looks.
func TestAReplyWakesOneGoroutineAtATime(t *testing.T) {
	t.Parallel()
	r := &run{}
	for range 3 {
		r.hands.idle = append(r.hands.idle, make(chan struct{}, 1))
	}
	for _, step := range []struct {
		what string
		do   func()
		idle int
	}{
		{"three chains are ready", func() { r.readyLocked(&chain{}, &chain{}, &chain{}) }, 2},
		{"one more is, and nobody has looked", func() { r.readyLocked(&chain{}) }, 2},
		{"who was awake takes one", func() { r.nextChain(nil, false) }, 2},
		{"who was woken takes one", func() { r.nextChain(nil, true) }, 1},
		{"who was awake takes one again", func() { r.nextChain(nil, false) }, 1},
		{"who was woken takes the last", func() { r.nextChain(nil, true) }, 1},
		{"one is ready again", func() { r.readyLocked(&chain{}) }, 0},
	} {
		step.do()
		if n := len(r.hands.idle); n != step.idle {
			t.Errorf("%s: %d goroutines wait, want %d", step.what, n, step.idle)
		}
	}
}
