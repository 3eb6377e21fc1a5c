package model

import (
	"slices"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// moments are the instants to come at which something should change, sorted.
type moments []engine.Time

const maxMoments = 256

// await adds the instant d from now.
func (r *run) await(d time.Duration) { r.awaitAt(r.now + int64(d)) }

func (r *run) awaitAt(t engine.Time) {
	i, found := slices.BinarySearch(r.moments, t)
	if found || t <= r.now || t == engine.Never {
		return
	}
	r.moments = slices.Insert(r.moments, i, t)
	r.moments = r.moments[:min(len(r.moments), maxMoments)]
}

// wait lets time pass until t, and reports false when that is over.
func (r *run) wait(t engine.Time) bool {
	if t < r.now {
		return false
	}
	r.now = t
	return true
}

// nth returns one of the moments after now, or now when there is none.
func (r *run) nth(n int) engine.Time {
	for len(r.moments) > 0 && r.moments[0] <= r.now {
		r.moments = r.moments[1:]
	}
	if len(r.moments) == 0 {
		return r.now
	}
	return r.moments[n%len(r.moments)]
}

// pass lets time pass as the step says: mostly none, often until a moment.
func (r *run) pass(s step) {
	const window = int64(engine.ShareWindow)
	to := r.now
	switch s.time() % 32 {
	case 0, 1:
		to++
	case 2, 3:
		to = r.nth(0) - 1
	case 4, 5, 6, 7:
		to = r.nth(0)
	case 8:
		to = r.nth(0) + 1
	case 9, 10:
		to = r.nth(int(s.z())%8) - 1
	case 11, 12:
		to = r.nth(int(s.z()) % 8)
	case 13:
		to = r.nth(int(s.z()))
	case 14:
		to += int64(time.Second)
	case 15:
		to += int64(30 * time.Second)
	case 16:
		to += int64(s.x()) * int64(time.Second)
	case 17:
		to = (to/window+1)*window - int64(s.z()%2)
	case 18: // backwards, for this step
		r.now -= int64(choose(s.x(), 1, time.Second, time.Hour))
		return
	}
	r.now = max(r.now, to)
}
