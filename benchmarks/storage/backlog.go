package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/machine"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/store"
)

// backlog fills one store after the other, kills it, and has it open what is there, cold, again and
// again. Its yardstick is to read its files from end to end, cold as well, before each time. The peers
// are opened once.
func (b *bench) backlog() error {
	var all []*history
	for _, kind := range b.stores {
		opens := 1
		if kind == store.Quayside {
			opens = b.plan.opens
		}
		h, err := b.history(kind, opens)
		if err != nil {
			return err
		}
		all = append(all, h)
	}
	b.tabulateBacklog(all)
	return nil
}

func (b *bench) history(kind string, opens int) (_ *history, err error) {
	h := &history{kind: kind}
	p, err := b.start(kind)
	if err != nil {
		return nil, err
	}
	defer func() { drop(p) }()
	b.progress("backlog, %s loads %d messages", kind, b.plan.messages)
	if err := h.fill(p, b.plan.messages); err != nil {
		return nil, err
	}
	p.Kill() // the crash
	for i := range opens {
		b.progress("backlog, %s opens %d of %d", kind, i+1, opens)
		if err := b.readCold(p.Dir, h); err != nil {
			return nil, err
		}
		if p, err = h.reopen(b, p); err != nil {
			return nil, err
		}
		if i < opens-1 {
			p.Kill()
		}
	}
	b.progress("backlog, %s drains", kind)
	return h, h.empties(p, b.plan.messages)
}

// readCold times a sequential read of all files, and leaves them out of the page cache again.
func (b *bench) readCold(dir string, h *history) error {
	if err := b.evict(dir); err != nil {
		return err
	}
	start := time.Now()
	n, err := machine.ReadAll(dir)
	if err != nil {
		return err
	}
	took := time.Since(start).Seconds()
	h.read = append(h.read, float64(n)/took)
	h.readSeconds = append(h.readSeconds, took)
	return b.evict(dir)
}

// evict empties the page cache of the files in dir; where the system cannot, all is measured warm.
func (b *bench) evict(dir string) error {
	err := machine.Evict(dir)
	if errors.Is(err, errors.ErrUnsupported) {
		if !b.warm {
			b.report.Skip("a cold page cache (files are read, and opened, from memory)", err)
		}
		b.warm = true
		return nil
	}
	return err
}

func (b *bench) tabulateBacklog(all []*history) {
	n := float64(b.plan.messages)
	t := b.report.Table(fmt.Sprintf("Backlog of %d messages: load, kill -9, open, drain (bodies: %s)", b.plan.messages, report.Megabytes(n*store.BodySize)),
		"store", "loaded/s", "written/message", "disk", "resident", "its peak", "open", "sequential read", "resident after", "drained/s", "disk when empty")
	for _, h := range all {
		t.Row(h.kind, report.Count(stats.Median(h.load.rate)), report.Whole(stats.Median(h.load.written)), report.Megabytes(h.disk),
			report.Megabytes(float64(h.loaded.Resident)), report.Megabytes(report.Known(float64(h.loaded.Peak))), report.Seconds(stats.Median(h.open)),
			report.Seconds(stats.Median(h.readSeconds)), report.Megabytes(float64(h.opened.Resident)), report.Count(stats.Median(h.drain.rate)), report.Megabytes(h.empty))
		h.note(b.report, n)
	}
	b.plotBacklog()
	i := slices.IndexFunc(all, func(h *history) bool { return h.kind == store.Quayside })
	if i < 0 {
		return
	}
	ours := all[i]
	b.report.Reach("open", report.Megabytes(stats.Median(ours.found))+"/s", report.Megabytes(stats.Median(ours.read))+"/s", stats.Ratio(ours.found, ours.read))
	segment := float64(b.plan.segment)
	perMessage := float64(ours.growth.Resident) / n
	b.report.Reach("resident", report.Written(perMessage, "%.1f bytes"), "2 GiB / 50 M", perMessage*50e6/(2<<30))
	b.report.Reach("empty backlog", report.Whole(ours.empty/segment), "8", ours.empty/(8*segment))
}
