package main

import (
	"fmt"
	"math"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/remote"
	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/sdk"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

const (
	rampLimit   = 1.0 // seconds
	rampBacklog = 10  // messages that are sent at once, for each handler
)

// distances are how much longer a request takes than on loopback.
var distances = []time.Duration{0, 20 * time.Millisecond}

// climb is how a worker came from idle to all its handlers.
type climb struct {
	took float64 // seconds, until as many as ever ran at once
	most int     // handlers at once
}

// ramp measures how soon an idle worker uses all its handlers, once there is something to do.
func (b *bench) ramp() error {
	all := make([][]climb, len(distances))
	for i := range b.plan.rounds {
		b.progress("ramp, round %d of %d", i+1, b.plan.rounds)
		for j, d := range distances {
			c, err := b.climb(d)
			if err != nil {
				return fmt.Errorf("%v away: %w", d, err)
			}
			all[j] = append(all[j], c)
		}
	}
	t := b.report.Table(fmt.Sprintf("From idle to %d handlers of %v, %d messages sent at once", b.plan.ramp, b.plan.long, b.plan.ramp*rampBacklog),
		"a request takes", "median", "longest", "handlers at once")
	for j, d := range distances {
		m, longest, most := b.judgeClimbs(fmt.Sprintf("ramp %v", d), all[j])
		b.note(d, all[j])
		t.Row(fmt.Sprintf("%v more", d), report.Seconds(m), report.Seconds(longest), fmt.Sprint(most))
	}
	b.report.Plot(report.Plot{
		Name: "ramp", Title: fmt.Sprintf("From idle to %d handlers", b.plan.ramp),
		Measure: "ramp", What: "until as many as ever ran at once", Y: "seconds",
	})
	return nil
}

// judgeClimbs notes how long it took, and returns that, the longest, and how many handlers ran at once in
// any case. If they were not all, the target is missed.
func (b *bench) judgeClimbs(key string, climbs []climb) (m, longest float64, most int) {
	took, most := make([]float64, len(climbs)), b.plan.ramp
	for i, c := range climbs {
		took[i], most = c.took, min(most, c.most)
	}
	m = stats.Median(took)
	figure, ratio := report.Seconds(m), m/rampLimit
	if most < b.plan.ramp {
		figure, ratio = fmt.Sprintf("%d at once", most), math.Inf(1)
	}
	b.report.Reach(key, figure, report.Seconds(rampLimit), ratio)
	return m, stats.Quantile(took, 1), most
}

// note keeps the climbs to a server that is so far away.
func (b *bench) note(away time.Duration, climbs []climb) {
	var took, most []float64
	for _, c := range climbs {
		took, most = append(took, c.took), append(most, float64(c.most))
	}
	at := report.Under(fmt.Sprintf("a request takes %v more", away))
	b.report.Note("ramp", "quayside", at, "until as many as ever ran at once", "s", took...)
	b.report.Note("ramp", "quayside", at, "at once", "handlers", most...)
}

// climb has messages sent to an idle worker and times how long it takes until all its handlers run. They
// run for a while, so the first ends before the last begins if that takes too long: then most is less.
func (b *bench) climb(away time.Duration) (c climb, err error) {
	s, err := remote.Start(b.ctx)
	if err != nil {
		return c, err
	}
	defer s.Stop()
	queue, err := b.queue(s)
	if err != nil {
		return c, err
	}
	h := newCrowd(b.plan.ramp, b.plan.long)
	over := sdk.Far(away)
	defer over.CloseIdleConnections()
	r := b.start(sdk.New(s.URL(), over), queue, b.plan.ramp, h.handle)
	defer r.stop()
	if err := r.parked(b.ctx, s, queue); err != nil {
		return c, err
	}
	if err := r.during(b.ctx, 100*time.Millisecond); err != nil { // it is as idle as it gets
		return c, err
	}
	h.begin()
	if err := s.Fill(b.ctx, queue, b.plan.ramp*rampBacklog, smallSize); err != nil {
		return c, err
	}
	select {
	case <-h.full:
	case <-r.ended:
	case <-time.After(3 * b.plan.long): // by then it is as good as it will be
	case <-b.ctx.Done():
	}
	r.stop()
	close(h.release)
	if err = r.end(); err == nil {
		err = b.ctx.Err()
	}
	return h.reached(), err
}
