package main

import (
	"fmt"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/machine"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/store"
)

// states says what the memory of is measured.
var states = map[string]string{
	"waiting":    "waiting in a standard queue, never received",
	"delayed":    "delayed",
	"in flight":  "in flight",
	"one group":  "FIFO, all in one group; its deduplication id included",
	"group each": "FIFO, each a group of its own; both included",
	"dedup ids":  "deduplication id of a deleted message",
}

// memory measures what a message in each state costs, in a process of its own: how much more is in use
// with many of them than with none.
func (b *bench) memory() error {
	t := b.report.Table(fmt.Sprintf("Memory of a message of %d bytes, durable (%d messages of each kind)", store.BodySize, b.plan.states),
		"message", "heap bytes", "resident bytes, room for garbage included")
	for _, state := range store.States {
		b.progress("memory, %s", state)
		got, err := b.memoryOf(state)
		if err != nil {
			return err
		}
		n := float64(b.plan.states)
		heap, resident := float64(got.Heap)/n, float64(got.Resident)/n
		t.Row(states[state], report.Written(heap, "%.1f"), report.Written(resident, "%.1f"))
		b.report.Note("memory", "heap", report.Under(state), "memory", "bytes/message", heap)
		b.report.Note("memory", "resident", report.Under(state), "memory", "bytes/message", resident)
		if state == "waiting" {
			b.report.Reach("index", report.Written(heap, "%.1f bytes"), "20 bytes", heap/20)
		}
	}
	b.plotMemory()
	return nil
}

// memoryOf is the growth from a store without messages to one with some.
func (b *bench) memoryOf(state string) (machine.Memory, error) {
	p, err := b.start(store.Quayside)
	if err != nil {
		return machine.Memory{}, err
	}
	defer drop(p)
	before, err := p.Memory()
	if err == nil {
		err = p.Fill(state, b.plan.states)
	}
	if err == nil {
		err = p.Rest(10 * time.Second)
	}
	if err != nil {
		return machine.Memory{}, err
	}
	after, err := p.Memory()
	return machine.Memory{Heap: after.Heap - before.Heap, Resident: after.Resident - before.Resident}, err
}
