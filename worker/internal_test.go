package worker

import (
	"strconv"
	"testing"
	"time"
)

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	m := newMemory(3)
	for i := range 10 {
		m.add(strconv.Itoa(i))
		for j := max(0, i-2); j <= i; j++ {
			if !m.has(strconv.Itoa(j)) {
				t.Errorf("has(%d) = false after add(%d), want the last three remembered", j, i)
			}
		}
	}
	if n := len(m.young) + len(m.old); n > 6 {
		t.Errorf("%d ids are held, want at most two generations of three", n)
	}
	m.forget("8")
	m.forget("9")
	if m.has("8") || m.has("9") || !m.has("7") {
		t.Errorf("after forget(8), forget(9): %v, %v", m.young, m.old)
	}
	if m.add(""); m.has("") {
		t.Error("messages without an id are taken for one another")
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
		if got := seconds(entry{polled: polled, at: now.Add(test.in)}, now); got != test.want {
			t.Errorf("%v after the receive, a return in %v takes a visibility timeout of %d s, want %d", test.elapsed, test.in, got, test.want)
		}
	}
}
