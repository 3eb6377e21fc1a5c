package naive

import (
	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// tenant is a message group of a standard queue. The one named "" stands for
// all messages without a group, which are quiet tenants of their own.
type tenant struct {
	usage
	name     string
	counts   [states]int
	visible  order // by sequence number
	sends    bool  // there was a Send,
	lastSend engine.Time
}

// usage is the recent consumption of one tenant, or of all together.
type usage struct {
	booked   engine.Time // until when busy includes the messages in flight
	window   int64
	busy     [2]int64 // messages in flight x time: in the window, and in the one before
	receives [2]int   // likewise
}

func (q *queue) tenantOf(name string) *tenant {
	t := q.tenants[name]
	if t == nil {
		t = &tenant{name: name, visible: bySeq()}
		q.tenants[name] = t
	}
	return t
}

// pickFair returns the oldest visible message of the quiet tenants, or else that
// of the noisy tenant with the fewest in flight.
func (q *queue) pickFair() *message {
	var best *message
	for _, t := range q.tenants {
		if m := t.visible.top(); m != nil && (best == nil || q.goesBefore(m, best)) {
			best = m
		}
	}
	return best
}

// goesBefore compares two messages, each the oldest visible one of its tenant.
func (q *queue) goesBefore(m, o *message) bool {
	a, b := m.tenant, o.tenant
	if q.noisy[a] != q.noisy[b] {
		return q.noisy[b]
	}
	if q.noisy[a] && a.counts[inFlight] != b.counts[inFlight] {
		return a.counts[inFlight] < b.counts[inFlight]
	}
	return m.seq < o.seq
}

// calm ends the noise of a tenant that nothing waits of.
func (q *queue) calm(t *tenant) {
	if t.counts[visible]+t.counts[delayed] == 0 {
		delete(q.noisy, t)
	}
}

// calmSilent ends the noise of tenants that have sent nothing for long.
func (q *queue) calmSilent() {
	for t := range q.noisy {
		if t.silent(q.now) {
			delete(q.noisy, t)
		}
	}
}

// silent reports whether t has sent nothing for QuietAfter, or never.
func (t *tenant) silent(now engine.Time) bool {
	return !t.sends || now >= after(t.lastSend, engine.QuietAfter)
}

// judge decides, as a message of t was received, whether t is noisy now.
func (q *queue) judge(t *tenant) {
	if t.name == "" {
		return
	}
	t.receives[0]++ // in the window of now, since it has just been booked
	share := t.counts[inFlight]
	crowd := share >= engine.NoisyFloor && 10*share > q.counts[inFlight]
	busy := t.recentReceives() >= engine.NoisyFloor && t.recentBusy() > q.all.recentBusy()/10
	if (crowd || busy) && !t.silent(q.now) {
		q.noisy[t] = true
	}
	q.calm(t) // it may have been the last waiting
}

// book adds the time since the last booking, during which n were in flight, to
// the window of now.
func (u *usage) book(now engine.Time, n int) {
	switch window := now / int64(engine.ShareWindow); window - u.window {
	case 0:
	case 1:
		u.busy = [2]int64{0, u.busy[0]}
		u.receives = [2]int{0, u.receives[0]}
		u.window = window
	default:
		u.busy, u.receives, u.window = [2]int64{}, [2]int{}, window
	}
	u.busy[0] += int64(n) * (now - u.booked)
	u.booked = now
}

func (u *usage) recentBusy() int64   { return u.busy[0] + u.busy[1] }
func (u *usage) recentReceives() int { return u.receives[0] + u.receives[1] }

// forgetTenants drops tenants without messages whose past counts no more.
func (q *queue) forgetTenants() {
	window := q.now / int64(engine.ShareWindow)
	if window == q.swept {
		return
	}
	q.swept = window
	for name, t := range q.tenants {
		if t.counts == [states]int{} && t.window < window-1 && t.silent(q.now) {
			delete(q.tenants, name)
		}
	}
}
