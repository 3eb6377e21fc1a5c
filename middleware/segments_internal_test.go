package middleware

import (
	"testing"
	"time"

	"github.com/quayside-go/quayside/producer/payload"
)

// What is remembered is bounded, and it is the last.
func TestHistory(t *testing.T) {
	t.Parallel()
	h := history{n: 3}
	key := func(i int) payloadKey { return payloadKey{segment: payload.Segment{Parts: i}} }
	for i := range 20 {
		h.set(key(i), past{attempts: i})
	}
	for i := range 20 {
		want := 0
		if i >= 15 {
			want = i
		}
		if got := h.of(key(i)).attempts; got != want {
			t.Errorf("payload %d has %d attempts, want %d", i, got, want)
		}
	}
}

// Times grow with receives, up to a bound.
func TestPause(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		receives   int
		most, want time.Duration
	}{
		{0, time.Minute, 2 * time.Second}, {9, time.Minute, 2 * time.Second}, {10, time.Minute, 4 * time.Second},
		{1000, 3 * time.Second, 6 * time.Second}, {1000, time.Millisecond, 2 * time.Second}, {1 << 60, time.Hour, 2048 * time.Second},
	} {
		var longest time.Duration
		for range 1000 {
			d := pause(test.receives, test.most)
			if d <= 0 || d > test.want {
				t.Fatalf("after %d receives, %v, want up to %v", test.receives, d, test.want)
			}
			longest = max(longest, d)
		}
		if longest < test.want*9/10 {
			t.Errorf("after %d receives, %v at most, want up to %v", test.receives, longest, test.want)
		}
	}
}

// Parts for which there is no room come back one after another, and not too late.
func TestSlots(t *testing.T) {
	t.Parallel()
	q := joinedQueue{most: 10}
	for range 100 {
		q.slotLocked()
	}
	if d := q.slotLocked(); d < 9*time.Second || d > 11*time.Second {
		t.Errorf("the 101st comes back in %v, want about 10 s", d)
	}
	for range 10_000 {
		q.slotLocked()
	}
	if d := q.slotLocked(); d > maxPause {
		t.Errorf("the last comes back in %v", d)
	}
}
