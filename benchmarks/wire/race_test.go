package main

import (
	"errors"
	"io"
	"testing"
	"time"
)

// A queue that is slow to fill is not filled; what a queue holds is counted.
func TestFill(t *testing.T) {
	t.Parallel()
	b := tiny(t, io.Discard)
	s, err := b.run(genuine("quayside"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	q, err := s.newQueue(100)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := s.fill(q, 1_000_000, time.Nanosecond); !errors.Is(err, errSlow) || n >= 1_000_000 {
		t.Errorf("%d messages in a nanosecond, %v", n, err)
	}
	if q, err = s.newQueue(100); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ messages, all int }{{20, 20}, {2000, 2020}, {1, 2030}} {
		n, err := s.fill(q, c.messages, patience)
		if err != nil || n != (c.messages+9)/10*10 {
			t.Errorf("%d messages of %d, %v", n, c.messages, err)
		}
		if err := s.holds(q, c.all, 0); err != nil {
			t.Error(err)
		}
	}
	if err := s.holds(q, 2031, 0); err == nil {
		t.Error("a message is missing, and nobody minds")
	}
	if err := s.holds(q, 2031, 20); err != nil {
		t.Errorf("a duplicate among twenty: %v", err)
	}
	if err := s.holds(q, 2032, 20); err == nil {
		t.Error("two messages of twenty are missing, and nobody minds")
	}
}

func TestLeft(t *testing.T) {
	t.Parallel()
	got := spent{operations: 7, messages: 60}
	for i, want := range []int{7, 70, -60, 10} {
		if n := workloads[i].left(got); n != want {
			t.Errorf("%s: %d messages left, want %d", workloads[i].name, n, want)
		}
	}
	if n := (workload{op: cycleGroups}).left(got); n != 0 {
		t.Errorf("a cycle that sends what it deleted leaves %d", n)
	}
}

// Peers have fewer rounds, and slow ones still fewer.
func TestEnough(t *testing.T) {
	t.Parallel()
	p := plan{races: 31, peerRaces: 9, slice: 80 * time.Millisecond}
	for _, c := range []struct {
		peer   bool
		rounds int
		took   time.Duration
		want   bool
	}{
		{false, 30, time.Minute, false}, {true, 0, 0, false}, {true, 8, time.Second, false}, {true, 9, time.Second, true},
		{true, 2, 2 * time.Second, false}, {true, 3, 2 * time.Second, true}, {true, 1, 4 * time.Second, true},
	} {
		l := &lane{server: &server{subject: subject{peer: c.peer}}, took: c.took, series: series{rate: make([]float64, c.rounds)}}
		if got := l.enough(p); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// A server that failed at one step does not take part in the next, and stays failed.
func TestLanesOf(t *testing.T) {
	t.Parallel()
	well, ill := &server{subject: subject{name: "well"}}, &server{subject: subject{name: "ill"}}
	before := map[string]*lane{"well": {server: well, perOperation: time.Second}, "ill": {server: ill, failed: "too slow"}}
	all, lanes := lanesOf([]*server{well, ill}, workloads[0], before)
	if len(lanes) != 1 || lanes[0].server != well || all["ill"] != before["ill"] {
		t.Errorf("lanes %v, all %v", lanes, all)
	}
	if got := lanes[0].alone(64); got != 64*time.Second {
		t.Errorf("64 operations of a second, one by one, take %v", got)
	}
}
