package main

import (
	"fmt"
	"slices"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/child"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/store"
)

// connections to each server over HTTP.
const connections = 64

// web is a server that is compared over HTTP.
type web struct {
	process *child.Process
	conns   []*conn
	series  map[int]*series // by batch
}

// http compares a cycle of send, receive and delete on the durable server with one on the server in
// memory, each a process of its own on loopback, called by this one.
func (b *bench) http() error {
	var both []*web
	defer func() {
		for _, w := range both {
			w.hangUp()
			drop(w.process)
		}
	}()
	for _, kind := range []string{store.Quayside, store.Memory} {
		w, err := b.web(kind)
		if w != nil {
			both = append(both, w)
		}
		if err != nil {
			return err
		}
	}
	for round := range b.plan.rounds + 1 {
		b.progress("http, round %d of %d", round, b.plan.rounds)
		for _, batch := range []int{1, ten} {
			for i := range both {
				if err := both[(round+i)%2].round(batch, b.plan, round > 0); err != nil {
					return err
				}
			}
		}
	}
	b.tabulateHTTP(both[0], both[1])
	return nil
}

// web starts a server and connects to it. The caller ends what it returns, also after an error.
func (b *bench) web(kind string) (*web, error) {
	p, err := b.start(kind)
	if err != nil {
		return nil, err
	}
	w := &web{process: p, series: map[int]*series{1: {}, ten: {}}}
	addr, err := p.Serve()
	for range connections {
		var c *conn
		if err == nil {
			c, err = dial(addr)
		}
		if err != nil {
			return w, fmt.Errorf("%s: %w", kind, err)
		}
		w.conns = append(w.conns, c)
	}
	return w, nil
}

func (w *web) hangUp() {
	for _, c := range w.conns {
		_ = c.tcp.Close() // nothing is under way
	}
}

// round makes cycles for a while.
func (w *web) round(batch int, p plan, counts bool) error {
	var callers []child.Operation
	for _, c := range w.conns {
		callers = append(callers, func() (int, error) { return c.cycle(batch) })
	}
	got, err := child.Drive(callers, p.cycles)
	if err != nil {
		return fmt.Errorf("%s over HTTP: %w", w.process.Kind, err)
	}
	if counts {
		w.series[batch].add(got)
	}
	return nil
}

func (b *bench) tabulateHTTP(durable, memory *web) {
	t := b.report.Table(fmt.Sprintf("Over HTTP, %d connections: send, receive, delete", connections),
		"batch", "server", "messages/s", "p50 us", "p99 us", "x memory")
	for _, batch := range []int{1, ten} {
		x, y := durable.series[batch], memory.series[batch]
		times := stats.Ratio(x.rate, y.rate)
		t.Row(slices.Concat([]string{fmt.Sprint(batch), "durable"}, x.columns()[:3], []string{report.Ratio(times)})...)
		t.Row(slices.Concat([]string{fmt.Sprint(batch), "in memory"}, y.columns()[:3], []string{report.Ratio(1)})...)
		x.note(b.report, "http", "durable", report.Under(together(batch)))
		y.note(b.report, "http", "in memory", report.Under(together(batch)))
		b.report.Reach(fmt.Sprintf("http %d", batch), report.Count(stats.Median(x.rate))+"/s", report.Count(stats.Median(y.rate))+"/s", times)
	}
	b.plotHTTP()
}
