package main

import (
	"fmt"
	"slices"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/child"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/store"
)

// lane is one store's part in the measure of calls.
type lane struct {
	process   *child.Process
	put, take map[load]*series
}

// calls measures durable puts, and then receives and durable deletes of what was put. Each round begins
// with another store; the first round warms all up and is not counted.
func (b *bench) calls() error {
	var lanes []*lane
	defer func() {
		for _, l := range lanes {
			drop(l.process)
		}
	}()
	for _, kind := range append([]string{store.Raw}, b.stores...) {
		p, err := b.start(kind)
		if err != nil {
			return err
		}
		l := &lane{process: p, put: map[load]*series{}, take: map[load]*series{}}
		for _, at := range b.plan.loads {
			l.put[at], l.take[at] = &series{}, &series{}
		}
		lanes = append(lanes, l)
	}
	for round := range b.plan.rounds + 1 {
		b.progress("calls, round %d of %d", round, b.plan.rounds)
		for _, at := range b.plan.loads {
			for i := range lanes {
				if err := lanes[(round+i)%len(lanes)].round(at, b.plan, round > 0); err != nil {
					return err
				}
			}
		}
	}
	b.tabulateCalls("put", "Durable enqueue (put)", lanes, func(l *lane) map[load]*series { return l.put })
	b.tabulateCalls("take", "Receive and durable delete (take)", lanes[1:], func(l *lane) map[load]*series { return l.take })
	b.plotCalls()
	b.judgeCalls(lanes)
	return nil
}

// round puts for a slice, and then takes what was put.
func (l *lane) round(at load, p plan, counts bool) error {
	callers := at.callers
	if l.process.Kind == store.Raw {
		callers = 1
	}
	put, err := l.process.Put(callers, at.batch, p.slice)
	if err != nil {
		return err
	}
	if counts {
		l.put[at].add(put)
	}
	if l.process.Kind == store.Raw {
		return nil
	}
	take, err := l.process.Take(callers, at.batch, patience)
	if err == nil && take.Messages != put.Messages {
		err = fmt.Errorf("%s: %d messages were put, %d received", l.process.Kind, put.Messages, take.Messages)
	}
	if counts && err == nil {
		l.take[at].add(take)
	}
	return err
}

func (b *bench) tabulateCalls(name, title string, lanes []*lane, of func(*lane) map[load]*series) {
	yardstick := lanes[0]
	t := b.report.Table(fmt.Sprintf("%s, 1 KB a message", title),
		slices.Concat([]string{"callers", "batch", "store"}, columns, []string{"x " + yardstick.process.Kind})...)
	for _, at := range b.plan.loads {
		for _, l := range lanes {
			s := of(l)[at]
			kind, callers, who := l.process.Kind, at.callers, l.process.Kind
			if kind == store.Raw {
				callers, who = 1, kind+", 1 caller"
			}
			s.note(b.report, name+batches(at.batch), who, at.noted())
			t.Row(slices.Concat([]string{fmt.Sprint(callers), fmt.Sprint(at.batch), kind}, s.columns(),
				[]string{report.Ratio(stats.Ratio(s.rate, of(yardstick)[at].rate))})...)
		}
	}
}

// judgeCalls puts quayside's figures beside their targets.
func (b *bench) judgeCalls(lanes []*lane) {
	of := map[string]*lane{}
	for _, l := range lanes {
		of[l.process.Kind] = l
	}
	ours := of[store.Quayside]
	if ours == nil {
		return
	}
	for kind, other := range of {
		for _, at := range b.plan.loads {
			x, y := ours.put[at].rate, other.put[at].rate
			b.report.Reach(fmt.Sprintf("%s put %d %d", kind, at.callers, at.batch),
				report.Count(stats.Median(x))+"/s", report.Count(stats.Median(y))+"/s", stats.Ratio(x, y))
		}
	}
	for _, at := range b.plan.loads {
		b.judgeWritten(fmt.Sprintf("written %d %d", at.callers, at.batch), ours.put[at].written)
	}
}

// judgeWritten puts the bytes written for a message beside those of its body.
func (b *bench) judgeWritten(key string, rounds []float64) {
	w := stats.Median(rounds)
	b.report.Reach(key, report.Whole(w)+" bytes", report.Whole(store.BodySize), w/store.BodySize)
}
