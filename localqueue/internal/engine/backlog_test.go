package engine

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestBacklog compares a backlog with a plain list.
func TestBacklog(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		var b backlog
		var list []cold
		var last cold
		push := func() {
			last = nextCold(rnd, last)
			if b.push(last) {
				list = append(list, last)
			} else if last.home.Length < 1<<lengthBits && last.home.Offset < 1<<offsetBits {
				t.Fatalf("seed %d: %+v was refused", seed, last)
			}
		}
		for step := range 6000 {
			switch n := rnd.IntN(10); {
			case n < 6 || len(list) == 0:
				push()
			case n == 6 && seed%2 == 0:
				if got := b.pop(); got != list[0] {
					t.Fatalf("seed %d, step %d: pop gave %+v, not %+v", seed, step, got, list[0])
				}
				list = list[1:]
			case n == 7:
				i := rnd.IntN(len(list))
				if got, ok := b.take(list[i].seq); !ok || got != list[i] {
					t.Fatalf("seed %d, step %d: take gave %+v %v, not %+v", seed, step, got, ok, list[i])
				}
				list = slices.Delete(list, i, i+1)
			case n == 8:
				i := rnd.IntN(len(list))
				to := Place{list[i].home.Segment + rnd.Uint32N(1<<14), rnd.Uint32N(1 << 31), 1 + rnd.Uint32N(1<<21)}
				if b.move(list[i].seq, to) {
					list[i].home = to
				}
			case n == 9:
				absent(t, &b, list, last.seq+1+rnd.Uint64N(3))
				absent(t, &b, list, rnd.Uint64N(last.seq+1))
			}
			if step%500 == 0 {
				same(t, &b, list, rnd)
			}
		}
		same(t, &b, list, rnd)
		for range list {
			b.pop()
		}
		if b.n != 0 || b.chunks != nil {
			t.Fatalf("seed %d: %d messages and %d chunks are left of none", seed, b.n, len(b.chunks))
		}
	}
}

// nextCold is a message behind another, now and then far behind.
func nextCold(rnd *rand.Rand, m cold) cold {
	far := func() int { return rnd.IntN(200) }
	m.seq += 1 + rnd.Uint64N(3)
	m.sent += rnd.Int64N(1e9)
	m.home = Place{max(1, m.home.Segment+rnd.Uint32N(2)), rnd.Uint32N(1 << 30), 1 + rnd.Uint32N(1<<20)}
	if far() == 0 {
		m.seq += 1 << 16
	}
	if far() == 0 {
		m.sent += 1 << 48
	}
	if far() == 0 {
		m.home.Segment += 1 << 13
	}
	if far() == 0 {
		m.home.Segment /= 2 // as of a message that was copied
	}
	if far() == 0 {
		m.home.Offset = 1 << 30
	}
	if far() == 0 {
		m.home.Length = 1 << 21
	}
	m.home.Segment = max(1, m.home.Segment)
	return m
}

// absent looks for what is not there.
func absent(t *testing.T, b *backlog, list []cold, seq uint64) {
	t.Helper()
	if slices.ContainsFunc(list, func(m cold) bool { return m.seq == seq }) {
		return
	}
	if m, ok := b.take(seq); ok {
		t.Fatalf("take of %d, which is not there, gave %+v", seq, m)
	}
	if b.move(seq, Place{1, 1, 1}) {
		t.Fatalf("%d, which is not there, was moved", seq)
	}
}

// same compares from the beginning, and from somewhere.
func same(t *testing.T, b *backlog, list []cold, rnd *rand.Rand) {
	t.Helper()
	if b.n != len(list) {
		t.Fatalf("%d messages, want %d", b.n, len(list))
	}
	from := uint64(0)
	for range 2 {
		var got []cold
		b.each(from, func(m cold) bool {
			got = append(got, m)
			return true
		})
		i, _ := slices.BinarySearchFunc(list, from, func(m cold, seq uint64) int { return int(m.seq) - int(seq) })
		if !slices.Equal(got, list[i:]) {
			t.Fatalf("from %d on there are %d messages, want %d", from, len(got), len(list)-i)
		}
		if len(list) > 0 {
			if b.first() != list[0] || !b.covers(list[0].seq) || !b.covers(list[len(list)-1].seq) {
				t.Fatalf("the first is %+v, want %+v; covered: %v, %v", b.first(), list[0], b.covers(list[0].seq), b.covers(list[len(list)-1].seq))
			}
			from = list[rnd.IntN(len(list))].seq
		}
	}
}

// TestBacklogRefuses has what a backlog cannot hold.
func TestBacklogRefuses(t *testing.T) {
	t.Parallel()
	var b backlog
	if !b.push(cold{10, 0, Place{1, 1, 1}}) {
		t.Fatal("a message was refused")
	}
	for name, m := range map[string]cold{
		"again":              {10, 0, Place{1, 1, 1}},
		"before the last":    {9, 0, Place{1, 1, 1}},
		"too long":           {11, 0, Place{1, 1, 1 << lengthBits}},
		"too far in":         {11, 0, Place{1, 1 << offsetBits, 1}},
		"nowhere, length 0":  {11, 0, Place{1, 0, 0}},
		"too long, new part": {1 << 20, 0, Place{1, 1, 1 << lengthBits}},
	} {
		if b.push(m) || b.n != 1 {
			t.Errorf("%s: %+v was taken", name, m)
		}
	}
}
