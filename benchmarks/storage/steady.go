package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/child"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/machine"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/store"
)

// constant is one store's part in the measure of a constant depth.
type constant struct {
	process *child.Process
	series
	disk  []float64 // bytes, after each round
	empty float64   // bytes, once all messages are gone
}

// steady has 32 callers put, receive and delete ten at a time while 100,000 messages wait. The first
// round of each store warms it up and is not counted.
func (b *bench) steady() error {
	var all []*constant
	defer func() {
		for _, c := range all {
			drop(c.process)
		}
	}()
	for _, kind := range b.stores {
		b.progress("steady, %s loads %d messages", kind, b.plan.depth)
		p, err := b.start(kind)
		if err != nil {
			return err
		}
		all = append(all, &constant{process: p})
		if _, err := p.Load(b.plan.depth); err != nil {
			return err
		}
	}
	for round := range b.plan.rounds + 1 {
		b.progress("steady, round %d of %d", round, b.plan.rounds)
		for i := range all {
			if err := all[(round+i)%len(all)].round(b.plan.cycles, round > 0); err != nil {
				return err
			}
		}
	}
	for _, c := range all {
		if err := c.drain(b.plan.depth); err != nil {
			return err
		}
	}
	b.tabulateSteady(all)
	return nil
}

func (c *constant) round(d time.Duration, counts bool) error {
	got, err := c.process.Steady(workers, ten, d)
	if err != nil || !counts {
		return err
	}
	c.add(got)
	disk, err := machine.DiskUse(c.process.Dir)
	c.disk = append(c.disk, float64(disk))
	return err
}

// drain takes all that is left, which is as much as there was.
func (c *constant) drain(depth int) error {
	got, err := c.process.Take(workers, ten, patience)
	if err == nil && got.Messages != depth {
		err = fmt.Errorf("%s: %d messages were left, want %d", c.process.Kind, got.Messages, depth)
	}
	if err == nil {
		c.empty, err = diskAtRest(c.process)
	}
	return err
}

// diskAtRest is what a store's files take once it has done what it left for later, or ten seconds after.
func diskAtRest(p *child.Process) (float64, error) {
	if err := p.Rest(10 * time.Second); err != nil {
		return 0, err
	}
	disk, err := machine.DiskUse(p.Dir)
	return float64(disk), err
}

func (b *bench) tabulateSteady(all []*constant) {
	live := float64(b.plan.depth) * store.BodySize
	t := b.report.Table(
		fmt.Sprintf("Constant depth of %d: %d callers put 10, receive 10, delete 10 (bodies: %s)", b.plan.depth, workers, report.Megabytes(live)),
		slices.Concat([]string{"store"}, columns, []string{"disk, at most", "disk when empty", "quayside is x"})...)
	var ours *constant
	at := report.Load{}
	for _, c := range all {
		kind := c.process.Kind
		if kind == store.Quayside {
			ours = c
		}
		times := "-"
		if ours != nil {
			x := stats.Ratio(ours.rate, c.rate)
			b.report.Reach(kind+" steady", report.Count(stats.Median(ours.rate))+"/s", report.Count(stats.Median(c.rate))+"/s", x)
			times = report.Ratio(x)
		}
		t.Row(slices.Concat([]string{kind}, c.columns(), []string{report.Megabytes(slices.Max(c.disk)), report.Megabytes(c.empty), times})...)
		c.note(b.report, "steady", kind, at)
		b.report.Note("steady", kind, report.Under("at a constant depth"), "disk", "bytes", c.disk...)
		b.report.Note("steady", kind, report.Under("when empty"), "disk", "bytes", c.empty)
	}
	b.plotSteady()
	if ours == nil {
		return
	}
	segment := float64(b.plan.segment)
	most, allowed := slices.Max(ours.disk), 2*live+4*segment
	b.report.Reach("disk", report.Megabytes(most), report.Megabytes(allowed), most/allowed)
	b.report.Reach("empty", report.Whole(ours.empty/segment), "8", ours.empty/(8*segment))
	b.judgeWritten("written steady", ours.written)
}
