package engine

import (
	"strings"
	"testing"
)

// TestComplete leaves out some of the records of queues that were made, deleted and
// made again: what is lacking is told before anything goes on, and Recovered tells the same.
func TestComplete(t *testing.T) {
	t.Parallel()
	p := newPaper()
	p.size = 1 << 20 // all on one sheet
	e := New([16]byte{9}, NewMessages, 50)
	e.Relaxed = true
	e.SetLogs(func(uint32) Log { return p })
	if !e.Begin() {
		t.Fatal("not begun")
	}
	for now := range Time(3) {
		q, err := e.Create(1+now, Name{Queue: "orders"}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if now < 2 {
			e.Delete(1+now, q)
		}
	}
	told := map[string]int{}
	sheet := p.sheets[p.last].records
	for first := range sheet {
		for count := range 3 {
			replayed := func() *Engine {
				e := New([16]byte{9}, NewMessages, 50)
				e.SetLogs(func(uint32) Log { return p })
				for i, r := range sheet {
					if i >= first && i < first+count {
						continue
					}
					if err := e.Replay(r.at, r.text); err != nil {
						t.Fatal(err)
					}
				}
				return e
			}
			lacks, err := replayed().Complete(), replayed().Recovered(9, p.exists)
			if (lacks == nil) != (err == nil) || lacks != nil && lacks.Error() != err.Error() {
				t.Errorf("without %d records from %d on: %v, but recovered: %v", count, first, lacks, err)
			}
			if count == 0 && lacks != nil {
				t.Errorf("with all: %v", lacks)
			}
			for _, part := range []string{"of 2 queues, nothing says what queue 2 is", "not the only one with the name orders"} {
				if lacks != nil && strings.Contains(lacks.Error(), part) {
					told[part]++
				}
			}
		}
	}
	if len(told) != 2 {
		t.Errorf("of %d records: %v", len(sheet), told)
	}
}
