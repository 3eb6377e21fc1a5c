package worker

import (
	"strconv"
	"testing"
	"time"
)

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	m := newMemory(3)
	for i := range 5 {
		m.add(strconv.Itoa(i))
		m.keep(strconv.Itoa(i))
	}
	m.add("pending") // not kept yet, so not part of the bound
	for id, want := range map[string]bool{"0": false, "1": false, "2": true, "3": true, "4": true, "pending": true} {
		if m.has(id) != want {
			t.Errorf("has(%q) = %v, want %v", id, m.has(id), want)
		}
	}
	m.forget("3")
	if m.has("3") || len(m.done) != 3 {
		t.Errorf("after forget(3): %v, want 2, 4, pending", m.done)
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	for n, full := range map[int]time.Duration{
		1: 100 * time.Millisecond, 2: 200 * time.Millisecond, 7: 6400 * time.Millisecond,
		8: 10 * time.Second, 1000: 10 * time.Second,
	} {
		for range 100 {
			if d := backoff(n); d <= full/2 || d > full {
				t.Fatalf("backoff(%d) = %v, want more than %v, at most %v", n, d, full/2, full)
			}
		}
	}
}

func TestSeconds(t *testing.T) {
	t.Parallel()
	polled := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		elapsed, in time.Duration // since the receive; until the message is to be visible
		want        int32
	}{
		{0, -time.Second, 0},
		{0, 0, 0},
		{0, 1, 1},
		{0, time.Second, 1},
		{0, time.Second + 1, 2},
		{0, 12 * time.Hour, 12*3600 - 1},
		{1, 12 * time.Hour, 12*3600 - 2},
		{12*time.Hour - 5*time.Second, time.Minute, 4},
		{13 * time.Hour, time.Minute, 0},
	} {
		now := polled.Add(test.elapsed)
		if got := seconds(entry{m: &Message{polledAt: polled}, at: now.Add(test.in)}, now); got != test.want {
			t.Errorf("%v after the receive, a return in %v takes a visibility timeout of %d s, want %d", test.elapsed, test.in, got, test.want)
		}
	}
}
