package worker_test

import (
	"context"
	"errors"
	"time"

	"github.com/quayside-go/quayside/worker"
)

// hook is Options.Hook of the workers of a process.
func (w *soakWatch) hook(p *soakProcess) func(context.Context, worker.Event) {
	return func(_ context.Context, e worker.Event) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if p.dead.Err() != nil {
			return
		}
		switch e.Kind {
		case worker.EventRequest:
			w.counts["requests"]++
			if e.Err != nil && e.Err != worker.ErrDraining {
				w.counts["requests that failed"]++
			}
			return
		case worker.EventStopped:
			w.counts["drains"]++
			return
		}
		if e.Message == nil {
			return
		}
		d := w.deliveries[*e.Message.SDK().ReceiptHandle]
		what := string(e.Kind)
		if e.Kind == worker.EventHandled {
			what = string(e.Outcome)
		}
		w.counts[what]++
		w.log.add(soakEntry{who: p.name, what: what, about: d.copy, count: d.receives, err: soakBrief(e.Err)})
		w.event(d, e)
	}
}

// soakBrief is an error without the stack that a panic leaves.
func soakBrief(err error) error {
	if err != nil && len(err.Error()) > 200 {
		return errors.New(err.Error()[:200])
	}
	return err
}

// event takes note of what became of d. w.mu must be held.
func (w *soakWatch) event(d *soakDelivery, e worker.Event) {
	switch e.Kind {
	case worker.EventHandled:
		w.handled(d, e)
	case worker.EventReleased:
		w.counts["released: "+soakBrief(e.Err).Error()]++
		d.released = e.Err
	case worker.EventAbandoned:
		d.abandoned = true
	case worker.EventLeaseLost:
		d.lost = true
		if !w.faults && !d.copy.doubled {
			w.complain(d.copy, "%s lost its lease without a fault", d.process.name)
		}
	case worker.EventUnsettled:
		if e.Action == "SendMessage" {
			d.copy.unsent = true
		}
		if !w.faults {
			w.complain(d.copy, "%s could not settle it without a fault: %v", d.process.name, e.Err)
		}
	}
}

// handled compares the outcome with the script's. w.mu must be held.
func (w *soakWatch) handled(d *soakDelivery, e worker.Event) {
	c := d.copy
	if !c.queue.fifo() {
		d.ended = time.Now()
	}
	if e.Outcome == worker.Failed || e.Outcome == worker.Snoozed || e.Outcome == worker.Released {
		if max(e.Message.Receives, e.Message.Attempts) >= c.queue.receives {
			c.spent = true
		}
		return
	}
	if c.finalBy == nil {
		c.final, c.finalBy, c.at = e.Outcome, d, time.Now()
	}
	want := map[soakEnd]worker.Outcome{
		soakDone: worker.Done, soakDiscards: worker.Discarded, soakBuries: worker.DeadLettered,
		soakGarbled: worker.DeadLettered, soakPoison: worker.DeadLettered,
	}[w.script.last(c.job)]
	early := e.Outcome == worker.DeadLettered && c.queue.fifo() && max(e.Message.Receives, e.Message.Attempts) >= c.queue.receives
	if e.Outcome != want && !early {
		w.complain(c, "it was %s, want %s", e.Outcome, want)
	}
}
