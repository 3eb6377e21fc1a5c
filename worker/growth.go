package worker

import "time"

const (
	// growthWindow is how long receives are counted before a step is judged.
	growthWindow = 100 * time.Millisecond
	// growthRest is how long after a step in vain the next is taken.
	growthRest = 5 * time.Second
	// growthReceives is after how many receives within growthWindow there is a second
	// poller.
	growthReceives = 10
)

// growth decides whether more pollers are of use: a quarter more, at least one, are
// tried while receives come back full; if a tenth more messages do not come of it, the
// handlers, the network or the processor set the pace, and the step is taken back.
//
// The second poller comes at once if receives are quick, and is not judged: its request
// is under way while the first hands out what it has.
type growth struct {
	began    time.Time // of the present window; zero: there is none
	messages int       // received since
	rate     float64   // messages a second in the last window
	step     int       // pollers added since then
	rest     time.Time // nothing is tried before
}

// received takes note of n messages.
func (g *growth) received(n int) { g.messages += n }

// steady is for when there are fewer messages than could be received, or errors.
func (g *growth) steady() { *g = growth{rest: g.rest} }

// judge returns how many pollers there should be, now that receives come back full.
func (g *growth) judge(now time.Time, pollers, most int) int {
	if g.began.IsZero() {
		g.began, g.messages = now, 0
	}
	passed := now.Sub(g.began)
	switch {
	case now.Before(g.rest):
		return pollers
	case passed < growthWindow && pollers == 1 && most > 1 && g.messages >= growthReceives*batchSize:
		*g = growth{began: now}
		return 2
	case passed < growthWindow:
		return pollers
	}
	rate := float64(g.messages) / passed.Seconds()
	if g.step > 0 && rate < 1.1*g.rate {
		pollers = max(1, pollers-g.step)
		*g = growth{rest: now.Add(growthRest)}
		return pollers
	}
	step := min(max(1, pollers/4), most-pollers)
	*g = growth{began: now, rate: rate, step: step}
	return pollers + step
}
