package main

import "testing"

func TestPercent(t *testing.T) {
	t.Parallel()
	for live, want := range map[uint64]int{0: 800, 4 << 20: 800, 5 << 20: 400, 32 << 20: 100, 110 << 20: 25, 1 << 30: 3, 1 << 40: 1} {
		if got := percent(live); got != want {
			t.Errorf("%d bytes live: %d %%, want %d", live, got, want)
		}
	}
}
