package localqueue

import (
	"time"

	"golang.org/x/time/rate"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// action is what SQS's limits of FIFO throughput tell apart.
type action uint8

const (
	sending action = iota
	receiving
	deleting
	changing // under no limit
	actions  = changing
)

// Calls per second and action of one FIFO queue: plain, and in high-throughput
// mode by region.
const (
	plainRate   = 300
	defaultHigh = 2_400
)

var highRate = map[string]int{
	"us-east-1": 70_000, "us-west-2": 70_000, "eu-west-1": 70_000,
	"us-east-2": 19_000, "eu-central-1": 19_000,
	"ap-south-1": 9_000, "ap-southeast-1": 9_000, "ap-southeast-2": 9_000, "ap-northeast-1": 9_000,
	"eu-west-2": 4_500, "sa-east-1": 4_500,
}

// throttle holds a second's worth of calls per action.
type throttle struct {
	perSecond int
	limits    [actions]*rate.Limiter
}

func newThrottle(perSecond int) *throttle {
	t := &throttle{perSecond: perSecond}
	for i := range t.limits {
		t.limits[i] = rate.NewLimiter(rate.Limit(perSecond), perSecond)
	}
	return t
}

// throttled counts a call and refuses it beyond the limit, where limits are on.
// The caller holds q's lock.
func (q *queue) throttled(a action) error {
	if !q.s.opts.ThrottleFIFO || !q.fifo || a >= actions {
		return nil
	}
	perSecond := plainRate
	if q.q.Config.GroupScope && q.q.Config.PerGroupThroughput {
		perSecond = defaultHigh
		if n, ok := highRate[q.q.Name.Region]; ok {
			perSecond = n
		}
	}
	if q.limits == nil || q.limits.perSecond != perSecond {
		q.limits = newThrottle(perSecond)
	}
	if q.limits.limits[a].AllowN(time.Now(), 1) {
		return nil
	}
	return &engine.Error{Code: engine.CodeThrottling, Message: "Rate exceeded"}
}
