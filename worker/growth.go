package worker

import (
	"math"
	"time"
)

const (
	// growthWindow is how long receives are counted before a step is judged; longer, if a
	// receive takes longer, so that each poller brings something.
	growthWindow = 100 * time.Millisecond
	// growthRest is how long after a step in vain the next is taken.
	growthRest = 5 * time.Second
	// growthReceives is after how many receives within growthWindow there is a second
	// poller.
	growthReceives = 10
)

// growth decides whether more pollers are of use. While receives come back full, more are
// tried: a quarter, at least one, and as many again as there are if the last step has
// brought at least half of what it should have. If it has brought less, as many stay as
// that took. If a tenth more messages did not come of it, the handlers, the network or the
// processor set the pace, and the step is taken back.
//
// What comes sooner after a step than a receive takes is not counted: the new pollers have
// brought nothing yet. A window begins and ends with a receive, of which the first is not
// counted: it came of the time before.
//
// The second poller comes at once if receives are quick, and is not judged: its request
// is under way while the first hands out what it has.
type growth struct {
	from     time.Time // the present window begins with the first receive since then
	began    time.Time // of the present window; zero: it has not begun
	messages int       // received since
	rate     float64   // messages a second in the last window
	step     int       // pollers added since then
	rest     time.Time // nothing is tried before
}

// received takes note of n messages that have come.
func (g *growth) received(now time.Time, n int) {
	switch {
	case now.Before(g.from):
	case g.began.IsZero():
		g.began = now
	default:
		g.messages += n
	}
}

// steady is for when there are fewer messages than could be received, or errors.
func (g *growth) steady() { *g = growth{rest: g.rest} }

// judge returns how many pollers there should be, now that receives come back full, the
// last of which took so long.
func (g *growth) judge(now time.Time, took time.Duration, pollers, most int) int {
	took = min(took, time.Second) // longer, it has waited for messages
	passed := now.Sub(g.began)
	switch {
	case g.began.IsZero(), now.Before(g.rest):
		return pollers
	case passed < growthWindow && pollers == 1 && most > 1 && g.messages >= growthReceives*batchSize:
		*g = growth{began: now}
		return 2
	case passed < max(growthWindow, took+took/4):
		return pollers
	}
	rate := float64(g.messages) / passed.Seconds()
	if g.step > 0 && rate < 1.1*g.rate {
		pollers = max(1, pollers-g.step)
		*g = growth{rest: now.Add(growthRest)}
		return pollers
	}
	pollers, step := g.next(rate, pollers)
	step = min(step, most-pollers)
	*g = growth{from: now.Add(took), rate: rate, step: step}
	return pollers + step
}

// next returns how many of the pollers, which bring rate, are to stay, and how many are to
// be tried with them.
func (g *growth) next(rate float64, pollers int) (stay, step int) {
	if g.step == 0 {
		return pollers, max(1, pollers/4)
	}
	before := float64(pollers - g.step)
	worth := before * rate / g.rate // pollers that bring what those before did, each
	if worth >= before+float64(g.step)/2 {
		return pollers, pollers
	}
	stay = int(math.Ceil(worth))
	return stay, max(1, stay/4)
}
