package main

import (
	"fmt"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/child"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/machine"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/store"
)

// samples are what a soak saw, in their order.
type samples struct{ disk, resident, rate []float64 }

// soak keeps the depth constant for long, as steady does, while some messages are deleted only late. In
// the last quarter of the time, disk and memory must be what they were in the second.
func (b *bench) soak() error {
	p, err := b.start(store.Quayside)
	if err != nil {
		return err
	}
	defer func() { drop(p) }()
	if _, err := p.Load(b.plan.depth); err != nil {
		return err
	}
	late := min(b.plan.late, b.plan.soak/8) // so that all is as it stays before the second quarter
	if err := p.Straggle(late); err != nil {
		return err
	}
	t := b.report.Table(fmt.Sprintf("Soak for %v: constant depth of %d, and 100 messages a second are deleted %v late (bodies: %s)",
		b.plan.soak, b.plan.depth, late, report.Megabytes(float64(b.plan.depth)*store.BodySize)),
		"after", "messages/s", "disk", "resident", "heap")
	var all samples
	rows := max(1, int(b.plan.soak/b.plan.sample)/60) // about sixty in all
	for start := time.Now(); time.Since(start) < b.plan.soak; {
		memory, err := all.take(p, b.plan.sample)
		if err != nil {
			return err
		}
		n := len(all.disk)
		b.progress("soak, %s on the disk, %s resident", report.Megabytes(all.disk[n-1]), report.Megabytes(all.resident[n-1]))
		if n%rows == 0 {
			t.Row(report.Since(time.Since(start)), report.Count(all.rate[n-1]), report.Megabytes(all.disk[n-1]),
				report.Megabytes(all.resident[n-1]), report.Megabytes(float64(memory.Heap)))
		}
	}
	b.report.Flush()
	if err := p.Close(); err != nil {
		return err
	}
	b.judgeSoak(&all)
	return nil
}

// take works for d and adds what is then used.
func (s *samples) take(p *child.Process, d time.Duration) (machine.Memory, error) {
	got, err := p.Steady(workers, ten, d)
	if err != nil {
		return machine.Memory{}, err
	}
	memory, err := p.Memory()
	if err != nil {
		return memory, err
	}
	disk, err := machine.DiskUse(p.Dir)
	s.disk = append(s.disk, float64(disk))
	s.resident = append(s.resident, float64(memory.Resident))
	s.rate = append(s.rate, float64(got.Messages)/got.Elapsed.Seconds())
	return memory, err
}

// quarters are the medians of the second quarter and of the last.
func quarters(v []float64) (second, last float64) {
	n := len(v)
	return stats.Median(v[n/4 : n/2]), stats.Median(v[n-(n+3)/4:])
}

// judgeSoak compares the quarters. The disk is used by whole segments, so that one more is no growth.
func (b *bench) judgeSoak(all *samples) {
	for _, x := range []struct {
		key     string
		samples []float64
		more    float64
	}{{"soak disk", all.disk, float64(b.plan.segment)}, {"soak memory", all.resident, 0}} {
		second, last := quarters(x.samples)
		grown := last / (second + x.more)
		b.report.Reach(x.key, report.Megabytes(last), report.Megabytes(second), grown)
		b.report.Note("soak", store.Quayside, report.Load{}, x.key, "bytes", x.samples...)
		if !(grown <= flat) {
			b.report.Fail(fmt.Errorf("%s grew from %s to %s", x.key, report.Megabytes(second), report.Megabytes(last)))
		}
	}
	b.report.Note("soak", store.Quayside, report.Load{}, "rate", "messages/s", all.rate...)
}

// flat is how much more than in the second quarter of a soak may be used in the last.
const flat = 1.1
