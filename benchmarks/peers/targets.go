package main

import (
	"fmt"
	"math"
	"slices"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// targets are all that this program can judge, in the order they are written. Requests are those of the worst
// of what was measured. Anywhere they are those of batches half full, or two thirds full when sent. A machine
// that stands still for a second lets visibility timeouts of two run out once, and one that stands still for
// longer those of a worker that ends; but nothing is lost on any.
var targets = []report.Target{
	report.AtMost("load quayside", "requests a message under load", "careful loops", 1.25).Anywhere(2),
	report.AtMost("outlive quayside", "calls for a message whose handler outlives its visibility timeout", "one", 1).Anywhere(2),
	report.AtLeast("restart handled quayside", "messages handled, SIGTERM under load", "all", 1).Anywhere(1),
	report.AtMost("restart again quayside", "times a message is handled, SIGTERM under load", "once", 1).Anywhere(1.1),
	report.AtMost("send quayside Send", "requests a message, 64 x Send", "7 for 64", 1.05).Anywhere(1.5),
	report.AtMost("send quayside SendAll, 64 requests", "requests a message, 64 x SendAll of ten", "SendMessageBatch", 1.05).Anywhere(1.5),
}

// judgeRequests notes the requests a message of one of a measure, if they are its worst yet beside the
// yardstick's.
func (b *bench) judgeRequests(measure, who string, requests, yard []float64, where string) {
	key, ratio := measure+" "+who, stats.Ratio(requests, yard)
	if before, ok := b.report.Reached(key); ok && (math.IsNaN(ratio) || ratio <= before) {
		return
	}
	b.report.Reach(key, fmt.Sprintf("%s (%s)", report.Written(stats.Median(requests), "%.3f"), where),
		report.Written(stats.Median(yard), "%.3f"), ratio)
}

// judgeOutlived notes how often a handler is called for a message that it outlives, in the worst round.
func (b *bench) judgeOutlived(who string, o outlived) {
	if len(o.perMessage) == 0 {
		return // it failed
	}
	worst := slices.Max(o.perMessage)
	b.report.Reach("outlive "+who, report.Ratio(worst), "1", worst)
}

// judgeRestarted notes how many messages were handled, and how often, in all rounds together. What was still
// in the queue when it was time to give up is not lost: then nothing is judged.
func (b *bench) judgeRestarted(who string, x restarted) {
	if len(x.last) == 0 || slices.Max(x.last) >= b.plan.restart.limit.Seconds() {
		return
	}
	sent, handled := sum(x.sent), sum(x.sent)-sum(x.never)
	b.report.Reach("restart handled "+who, report.Whole(handled), report.Whole(sent), handled/sent)
	b.report.Reach("restart again "+who, report.Whole(handled+sum(x.twice)), report.Whole(handled), (handled+sum(x.twice))/handled)
}
