package localqueue_test

import (
	"testing"

	"github.com/quayside-go/quayside/localqueue"
)

// TestNoFaultsCostNothing: a server without faults, or that has none any more, allocates
// what it did before there were any.
func TestNoFaultsCostNothing(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	s := newServer(t, func(o *localqueue.Options) { o.Faults = everything(1) })
	s.MustCreate("orders")
	if err := s.SetFaults(localqueue.Faults{Seed: 1}); err != nil {
		t.Fatal(err)
	}
	c := newCycle(s, "hello")
	const most = 20 // for ten messages sent, received and deleted
	if n := testing.AllocsPerRun(200, func() { c.run(t) }); n > most {
		t.Errorf("a cycle of ten messages allocates %v times, want at most %d", n, most)
	}
}
