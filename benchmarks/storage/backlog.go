package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/quayside-go/quayside/benchmarks/storage/internal/machine"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/stats"
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
			b.skip("a cold page cache (files are read, and opened, from memory)", err)
		}
		b.warm = true
		return nil
	}
	return err
}

func (b *bench) tabulateBacklog(all []*history) {
	n := float64(b.plan.messages)
	t := b.report.table(fmt.Sprintf("Backlog of %d messages: load, kill -9, open, drain (bodies: %s)", b.plan.messages, megabytes(n*store.BodySize)),
		"store", "loaded/s", "written/message", "disk", "resident", "its peak", "open", "sequential read", "resident after", "drained/s", "disk when empty")
	for _, h := range all {
		t.row(h.kind, count(stats.Median(h.load.rate)), whole(stats.Median(h.load.written)), megabytes(h.disk),
			megabytes(float64(h.loaded.Resident)), megabytes(known(float64(h.loaded.Peak))), seconds(stats.Median(h.open)),
			seconds(stats.Median(h.readSeconds)), megabytes(float64(h.opened.Resident)), count(stats.Median(h.drain.rate)), megabytes(h.empty))
		h.note(b.report, n)
	}
	i := slices.IndexFunc(all, func(h *history) bool { return h.kind == store.Quayside })
	if i < 0 {
		return
	}
	ours := all[i]
	b.report.reach("open", megabytes(stats.Median(ours.found))+"/s", megabytes(stats.Median(ours.read))+"/s", stats.Ratio(ours.found, ours.read))
	segment := float64(b.plan.segment)
	perMessage := float64(ours.growth.Resident) / n
	b.report.reach("resident", written(perMessage, "%.1f bytes"), "2 GiB / 50 M", perMessage*50e6/(2<<30))
	b.report.reach("empty backlog", whole(ours.empty/segment), "8", ours.empty/(8*segment))
}
