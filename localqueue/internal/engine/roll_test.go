package engine

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestRoll holds a roll against a map, under numbers in order, out of it, and far apart.
func TestRoll(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		var r roll
		want := map[uint64]uint32{}
		next := uint64(1)
		for i := range uint32(20_000) {
			switch seq := 1 + rnd.Uint64N(next); rnd.IntN(6) {
			case 0, 1, 2: // one more
				if next += rnd.Uint64N(3) + 1; rnd.IntN(2000) == 0 {
					next += 1 << 32
				}
				want[next] = i
				r.add(next, i)
			case 3: // one in between
				if _, ok := want[seq]; !ok {
					want[seq] = i
					r.add(seq, i)
				}
			case 4:
				delete(want, seq)
				r.drop(seq)
			case 5:
				got, ok := r.find(seq)
				if id, known := want[seq]; ok != known || got != id {
					t.Fatalf("seed %d: message %d: found %v in %d, want %v in %d", seed, seq, ok, got, known, id)
				}
			}
		}
		var order []uint64
		r.each(func(seq uint64, id uint32) {
			if order = append(order, seq); want[seq] != id {
				t.Errorf("seed %d: message %d in slot %d, want %d", seed, seq, id, want[seq])
			}
		})
		if !slices.Equal(order, slices.Sorted(maps.Keys(want))) {
			t.Fatalf("seed %d: %d messages, want %d, or out of order", seed, len(order), len(want))
		}
		for _, seq := range order {
			r.drop(seq)
		}
		if len(r.leaves) > 0 {
			t.Fatalf("seed %d: %d leaves of nothing", seed, len(r.leaves))
		}
	}
}
