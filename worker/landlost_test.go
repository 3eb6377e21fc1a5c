package worker

import (
	"testing"
	"time"
)

// What is lost is settled without leases.mu: an extension that is answered later
// leaves it alone.
func TestAnExtensionAnsweredAfterTheLossChangesNothing(t *testing.T) {
	t.Parallel()
	r := &run{opts: &Options{}, queue: queue{visibility: time.Minute}}
	l := &leases{run: r}
	m := &Message{}
	m.lease.state = lost
	m.lease.lasts = time.Unix(60, 0)
	before := m.lease
	for _, err := range []error{nil, errUnanswered} {
		l.land([]entry{{kept: m, at: time.Unix(200, 0)}}, time.Unix(100, 0), time.Unix(101, 0), []error{err})
		if m.lease.lasts != before.lasts || m.lease.expires != before.expires || m.lease.tries != before.tries || m.lease.state != lost {
			t.Errorf("after %v: %+v, want it as it was", err, m.lease)
		}
	}
}
