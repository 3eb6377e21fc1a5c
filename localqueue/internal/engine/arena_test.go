package engine

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestArena adds and drops at random, with records of every size class, and
// compares with a map. What lives is never spread over more than a few times its
// bytes.
func TestArena(t *testing.T) {
	t.Parallel()
	type record struct {
		at   ref
		text []byte
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	want, next := map[uint32]record{}, uint32(0)
	var a arena
	a.moved = func(id uint32, to ref) {
		r := want[id]
		r.at = to
		want[id] = r
	}
	add := func() {
		next++
		text := bytes.Repeat([]byte{byte(next)}, rnd.IntN(300))
		if rnd.IntN(1000) == 0 {
			text = bytes.Repeat([]byte{byte(next)}, rnd.IntN(200_000))
		}
		want[next] = record{a.add(next, text), text}
	}
	for round := range 20 {
		for range 20_000 {
			add()
		}
		keep := 1 + rnd.IntN(50) // one in so many survives the round
		for id, r := range want {
			if rnd.IntN(keep) > 0 {
				a.drop(r.at)
				delete(want, id)
			}
		}
		live := 0
		for id, r := range want {
			live += recordHeader + len(r.text)
			if got := a.get(r.at); !bytes.Equal(got, r.text) {
				t.Fatalf("round %d: record %d is %d bytes of %v, want %d of %d", round, id, len(got), got[:min(3, len(got))], len(r.text), byte(id))
			}
		}
		if a.live != live {
			t.Fatalf("round %d: arena counts %d live bytes, records have %d", round, a.live, live)
		}
		if most := 3*live + 10*fullBlock; a.size > most {
			t.Fatalf("round %d: %d bytes for %d live ones, want at most %d", round, a.size, live, most)
		}
	}
}
