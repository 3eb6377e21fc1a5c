package worker

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// flow has pollers bring messages at a rate of each, up to a limit, and returns how
// many there are after a while.
func flow(each, limit float64, most int, d time.Duration) (pollers int) {
	var g growth
	pollers = 1
	now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	for end := now.Add(d); now.Before(end); {
		rate := min(each*float64(pollers), limit)
		between := time.Duration(10 / rate * float64(time.Second))
		now = now.Add(between)
		g.received(now, 10)
		pollers = g.judge(now, between*time.Duration(pollers), pollers, most)
	}
	return pollers
}

func TestPollersGrowWhileTheyBringMore(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		each, limit float64
		most        int
		d           time.Duration
		least, top  int
	}{
		{500, 1e9, 26, 3 * time.Second, 26, 26},   // each brings its share
		{500, 5000, 26, 30 * time.Second, 10, 13}, // ten are enough
		{500, 400, 26, 30 * time.Second, 1, 2},    // one is
		{500, 1e9, 71, time.Second, 71, 71},       // dozens soon are
		{500, 1e9, 1000, 2 * time.Second, 1000, 1000},
		{500, 5000, 71, time.Second, 10, 13},     // what is too much goes
		{5000, 1e9, 26, growthWindow / 2, 2, 2},  // a second one, soon
		{5000, 5000, 26, 30 * time.Second, 2, 3}, // which is not judged
		{5000, 1e9, 1, 30 * time.Second, 1, 1},
	} {
		if n := flow(test.each, test.limit, test.most, test.d); n < test.least || n > test.top {
			t.Errorf("%+v: %d pollers, want %d to %d", test, n, test.least, test.top)
		}
	}
}

// far has pollers whose receives take so long, and at random up to jitter more, and returns
// how many there are after a while. Together they bring at most limit messages a second.
func far(takes, jitter time.Duration, limit float64, d time.Duration, rnd *rand.Rand) (pollers int) {
	const most = 71
	var g growth
	pollers = 1
	start := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	now, free := start, start // when the server has the next ten
	type poll struct{ begun, ends time.Time }
	var polls []poll
	for now.Before(start.Add(d)) {
		for len(polls) < pollers {
			ends := now.Add(takes + time.Duration(rnd.Int64N(int64(jitter)+1)))
			free = latest(free, now).Add(time.Duration(10 / limit * float64(time.Second)))
			polls = append(polls, poll{now, latest(ends, free)})
		}
		slices.SortFunc(polls, func(a, b poll) int { return a.ends.Compare(b.ends) })
		p := polls[0]
		polls, now = polls[1:], p.ends
		g.received(now, 10)
		pollers = g.judge(now, now.Sub(p.begun), pollers, most)
	}
	return pollers
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// However far SQS is, pollers grow; and not to much more than twice of what is of use.
func TestPollersGrowAtAnyDistance(t *testing.T) {
	t.Parallel()
	for _, takes := range []time.Duration{5, 20, 50, 80, 100, 110, 150, 300} {
		for _, jitter := range []time.Duration{0, 10, 2, 1} { // parts of it
			takes := takes * time.Millisecond
			wide := time.Duration(0)
			if jitter > 0 {
				wide = takes / jitter
			}
			rnd := rand.New(rand.NewPCG(1, uint64(jitter)))
			if n := far(takes, wide, 1e9, 20*time.Second, rnd); n < 60 {
				t.Errorf("%v and up to %v: %d pollers after 20 s, want 71", takes, wide, n)
			}
			const limit = 2000
			needed := int(math.Ceil(limit * (takes + wide/2).Seconds() / 10))
			if n := far(takes, wide, limit, time.Minute, rnd); n < min(needed, 60) || n > 2*needed+4 {
				t.Errorf("%v and up to %v, %d messages/s at most: %d pollers after a minute, want %d to about twice that", takes, wide, limit, n, needed)
			}
		}
	}
}

// A receive that waited long for its messages says nothing of the distance: what comes after
// it makes pollers grow a second later.
func TestALongPollDoesNotHoldGrowthBack(t *testing.T) {
	t.Parallel()
	var g growth
	now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	judge := func(after, took time.Duration, pollers int) int {
		now = now.Add(after)
		g.received(now, 10)
		return g.judge(now, took, pollers, 26)
	}
	pollers := judge(0, 20*time.Millisecond, 1)
	pollers = judge(time.Minute, 15*time.Second, pollers) // others were not full meanwhile
	for range 300 {                                       // 3 s, and each poller brings its share
		pollers = judge(20*time.Millisecond/time.Duration(pollers), 20*time.Millisecond, pollers)
	}
	if pollers < 8 {
		t.Errorf("%d pollers soon after a long poll, want more", pollers)
	}
}
