package middleware

import (
	"context"
	"errors"
	"maps"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/quayside-go/quayside/worker"
)

// gauges tell what workers do now. They are asked when metrics are collected.
type gauges struct {
	all []gauge

	mu      sync.RWMutex
	workers map[*worker.Worker]address // those that run
}

// gauge is one number of the Stats.
type gauge struct {
	metric.Int64Observable
	of func(worker.Stats) int
}

// register makes the instruments. They are asked as long as their provider lives.
func (g *gauges) register(meter metric.Meter) error {
	var errs []error
	add := func(name, unit, description string, of func(worker.Stats) int) {
		i, err := meter.Int64ObservableUpDownCounter("quayside.worker."+name, metric.WithUnit(unit), metric.WithDescription(description))
		errs = append(errs, err)
		g.all = append(g.all, gauge{i, of})
	}
	add("running", "{handler}", "Handlers that run.", func(s worker.Stats) int { return s.Running })
	add("waiting", "{message}", "Messages at hand whose handlers have not started.", func(s worker.Stats) int { return s.Waiting })
	add("leases", "{message}", "Messages whose visibility timeouts are extended when due.", func(s worker.Stats) int { return s.Leases })
	add("undeleted", "{message}", "Messages that are done and whose deletes are not confirmed.", func(s worker.Stats) int { return s.Undeleted })
	add("pollers", "{poller}", "Pollers.", func(s worker.Stats) int { return s.Pollers })
	if err := errors.Join(errs...); err != nil {
		return err
	}
	asked := make([]metric.Observable, len(g.all))
	for i, one := range g.all {
		asked[i] = one.Int64Observable
	}
	_, err := meter.RegisterCallback(g.observe, asked...)
	return err
}

// add has the gauges tell of w too, unless it is nil, as in events of a host.
func (g *gauges) add(w *worker.Worker, a address) {
	if w == nil {
		return
	}
	g.mu.RLock()
	_, known := g.workers[w]
	g.mu.RUnlock()
	if known {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.workers == nil {
		g.workers = make(map[*worker.Worker]address)
	}
	g.workers[w] = a
}

func (g *gauges) remove(w *worker.Worker) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.workers, w)
}

// observe tells of each queue the sums of its workers.
func (g *gauges) observe(_ context.Context, o metric.Observer) error {
	g.mu.RLock()
	workers := maps.Clone(g.workers) // Stats waits for workers, and they may wait for the hook
	g.mu.RUnlock()
	sums := make(map[address][]int)
	for w, a := range workers {
		if sums[a] == nil {
			sums[a] = make([]int, len(g.all))
		}
		s := w.Stats()
		for i, one := range g.all {
			sums[a][i] += one.of(s)
		}
	}
	for a, sum := range sums {
		with := metric.WithAttributeSet(attribute.NewSet(queueAttributes(a.queue, a.url)...))
		for i, one := range g.all {
			o.ObserveInt64(one.Int64Observable, int64(sum[i]), with)
		}
	}
	return nil
}
