package main

import (
	"fmt"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/child"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/machine"
)

// history is what became of a store that was filled, crashed, was opened and drained.
type history struct {
	kind        string
	load, drain series
	disk, empty float64 // bytes: loaded, and drained
	loaded      machine.Memory
	opened      machine.Memory
	growth      machine.Memory // from empty to loaded
	open        []float64      // seconds
	found       []float64      // bytes a second that opening read
	read        []float64      // bytes a second of a sequential read of the same files
	readSeconds []float64
}

// fill loads the messages.
func (h *history) fill(p *child.Process, messages int) error {
	before, err := p.Memory()
	if err != nil {
		return err
	}
	got, err := p.Load(messages)
	if err != nil {
		return err
	}
	h.load.add(got)
	if h.disk, err = diskAtRest(p); err != nil {
		return err
	}
	h.loaded, err = p.Memory()
	h.growth = machine.Memory{Heap: h.loaded.Heap - before.Heap, Resident: h.loaded.Resident - before.Resident}
	return err
}

// reopen opens what a killed process left.
func (h *history) reopen(b *bench, killed *child.Process) (*child.Process, error) {
	p, err := child.Start(b.ctx, h.kind, killed.Dir, b.plan.segment)
	if err != nil {
		return killed, err
	}
	if p.Opened.Messages != b.plan.messages {
		return p, fmt.Errorf("%s: %d messages were answered before the crash, %d are found", h.kind, b.plan.messages, p.Opened.Messages)
	}
	took := p.Opened.Took.Seconds()
	h.open = append(h.open, took)
	h.found = append(h.found, report.Known(float64(p.Opened.Bytes)/took))
	h.opened, err = p.Memory()
	return p, err
}

// empties drains the store and closes it.
func (h *history) empties(p *child.Process, messages int) error {
	got, err := p.Take(64, ten, time.Hour)
	if err == nil && got.Messages != messages {
		err = fmt.Errorf("%s: %d messages were there, %d received", h.kind, messages, got.Messages)
	}
	if err != nil {
		return err
	}
	h.drain.add(got)
	if h.empty, err = diskAtRest(p); err != nil {
		return err
	}
	return p.Close()
}

func (h *history) note(r *report.Report, n float64) {
	r.Note("backlog", h.kind, report.Load{}, "messages", "", n)
	h.load.note(r, "backlog load", h.kind, report.Load{})
	h.drain.note(r, "backlog drain", h.kind, report.Load{})
	for _, x := range []struct {
		what   string
		unit   string
		rounds []float64
	}{
		{"disk loaded", "bytes", []float64{h.disk}},
		{"disk when empty", "bytes", []float64{h.empty}},
		{"heap loaded", "bytes", []float64{float64(h.loaded.Heap)}},
		{"resident loaded", "bytes", []float64{float64(h.loaded.Resident)}},
		{"resident opened", "bytes", []float64{float64(h.opened.Resident)}},
	} {
		r.Note("backlog", h.kind, report.Load{}, x.what, x.unit, x.rounds...)
	}
	opened, read := report.Under("open"), report.Under("sequential read")
	r.Note("backlog", h.kind, opened, "time", "s", h.open...)
	r.Note("backlog", h.kind, read, "time", "s", h.readSeconds...)
	r.Note("backlog", h.kind, opened, "bandwidth", "bytes/s", h.found...)
	r.Note("backlog", h.kind, read, "bandwidth", "bytes/s", h.read...)
}
