package engine

import (
	"slices"
	"sync"
	"testing"
)

func TestLedgerNeeds(t *testing.T) {
	t.Parallel()
	var l Ledger
	var idle []uint32
	l.Idle = func(n uint32) { idle = append(idle, n) }
	l.Need(0, 5) // none
	l.Need(3, 10)
	l.Need(3, 20)
	l.Need(3, -10)
	if l.Needed(3) != 20 || l.Dead(3) || l.Needed(4) != 0 || !l.Dead(4) || len(idle) > 0 {
		t.Errorf("needed %d and %d, dead %v and %v, idle %v", l.Needed(3), l.Needed(4), l.Dead(3), l.Dead(4), idle)
	}
	l.Need(3, -20)
	if !l.Dead(3) || !slices.Equal(idle, []uint32{3}) {
		t.Errorf("needed %d, idle %v", l.Needed(3), idle)
	}
}

func TestLedgerBonds(t *testing.T) {
	t.Parallel()
	var l Ledger
	l.Set([]uint32{1, 2, 3, 4}, nil)
	l.Bind(2, 1, 10)
	l.Copied(3, 1)
	l.Bind(3, 1, 10) // the stronger one stays
	l.Copied(4, 4)
	l.Copied(4, 0)
	l.Copied(4, 99) // is not there
	type standing struct{ dead, clearable bool }
	expect := func(when string, want map[uint32]standing) {
		t.Helper()
		for n, w := range want {
			if got := (standing{l.Dead(n), l.Clearable(n)}); got != w {
				t.Errorf("%s: segment %d is %+v, want %+v", when, n, got, w)
			}
		}
	}
	expect("bound", map[uint32]standing{1: {true, true}, 2: {false, true}, 3: {false, false}, 4: {true, true}, 99: {true, true}})
	l.Unbind(2)
	expect("unbound", map[uint32]standing{2: {true, true}, 3: {false, false}})
	l.Bind(2, 1, 10) // the same as the last before
	expect("bound again", map[uint32]standing{2: {false, true}})
	l.Dropped(1)
	expect("dropped", map[uint32]standing{1: {true, true}, 2: {true, true}, 3: {true, true}})
	l.Bind(2, 1, 10)
	expect("bound to what is gone", map[uint32]standing{2: {true, true}})
}

// TestLedgerRecovery has bonds that are told before Set says what there is.
func TestLedgerRecovery(t *testing.T) {
	t.Parallel()
	var l Ledger
	l.Bind(5, 2, 10)
	l.Copied(6, 2)
	l.Copied(6, 1) // which is gone
	l.Bind(7, 1, 10)
	l.Set([]uint32{2, 5, 6, 7}, map[uint32]int64{2: 40, 5: 0, 7: 8})
	if l.Dead(5) || l.Dead(6) || l.Clearable(6) || l.Dead(7) || l.Needed(2) != 40 || l.Needed(7) != 8 {
		t.Errorf("dead %v %v %v, clearable %v, needed %d %d", l.Dead(5), l.Dead(6), l.Dead(7), l.Clearable(6), l.Needed(2), l.Needed(7))
	}
	l.Need(7, -8)
	l.Need(2, -40)
	if !l.Dead(7) || !l.Dead(2) {
		t.Error("segments that nothing needs are not dead")
	}
	l.Dropped(2)
	if !l.Dead(5) || !l.Dead(6) || !l.Clearable(6) {
		t.Error("bonds outlived what they were to")
	}
}

// TestLedgerTogether has many who book at once, under the race detector.
func TestLedgerTogether(t *testing.T) {
	t.Parallel()
	var l Ledger
	l.Set(nil, nil)
	var all sync.WaitGroup
	for g := range uint32(8) {
		all.Go(func() {
			for i := range uint32(2000) {
				n := 1 + i/10
				l.Need(n, int(g)+1)
				if l.Bind(n+1, n, 10); i%7 == 0 {
					l.Copied(n+1, n)
				}
				_ = l.Dead(n) || l.Clearable(n)
				l.Need(n, -int(g)-1)
			}
		})
	}
	all.Wait()
	for n := uint32(2); n <= 200; n++ {
		if l.Needed(n) != 0 || l.Dead(n) {
			t.Fatalf("of segment %d %d bytes are needed, dead %v", n, l.Needed(n), l.Dead(n))
		}
	}
	for n := range uint32(200) {
		l.Dropped(n + 1)
	}
	if !l.Dead(201) {
		t.Error("a bond outlived what it was to")
	}
}
