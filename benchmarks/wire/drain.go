package main

import (
	"fmt"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// shallow is the queue that deep ones are compared with, and how many messages are drained at a time.
const (
	shallow = 1000
	middle  = 100_000
)

// well is a queue that is drained, in a process of its own.
type well struct {
	server  *server
	queue   *requests
	callers []*caller
	depth   int
	rate    []float64 // messages a second
	cpu     []float64 // processor seconds a message
	whole   float64   // messages a second, from full to empty
}

// drain measures how fast waiting messages are received and deleted, ten at a time, from queues of
// 1,000, of 100,000 and of a million. In every round each queue has 1,000 messages drained, which are
// its oldest, and sent anew, so that rounds differ in nothing but the depth. In the end each is drained
// until it is empty.
func (b *bench) drain() error {
	wells := []*well{{depth: shallow}, {depth: middle}, {depth: b.plan.deepest}}
	for _, w := range wells {
		defer w.close()
		b.progress("drain, %d messages: filling", w.depth)
		if err := w.open(b); err != nil {
			return fmt.Errorf("drain of %d: %w", w.depth, err)
		}
	}
	b.progress("drain: draining")
	for round := range b.plan.drains {
		for i := range wells {
			w := wells[(i+round)%len(wells)]
			if err := w.round(); err != nil {
				return fmt.Errorf("drain of %d: %w", w.depth, err)
			}
		}
		if err := b.ctx.Err(); err != nil {
			return err
		}
	}
	for _, w := range wells {
		if err := w.empty(); err != nil {
			return fmt.Errorf("drain of %d: %w", w.depth, err)
		}
	}
	b.drained(wells)
	return nil
}

// drained writes what was found.
func (b *bench) drained(wells []*well) {
	t := b.report.Table(fmt.Sprintf("Drain: ReceiveMessage of 10 and DeleteMessageBatch of 10, %d connections, messages of %d bytes", loaders, b.plan.deepestBody),
		"waiting", "/s", "x of 1,000", "CPU us/message", "x of 1,000", "/s until empty")
	for _, w := range wells {
		at := report.At(float64(w.depth), "waiting")
		b.report.Note("drain", "quayside", at, "rate", "messages/s", w.rate...)
		b.report.Note("drain", "quayside", at, "processor time", "s/message", w.cpu...)
		b.report.Note("drain", "quayside", at, "rate until empty", "messages/s", w.whole)
		t.Row(fmt.Sprint(w.depth), report.Count(stats.Median(w.rate)), report.Ratio(stats.Ratio(w.rate, wells[0].rate)),
			report.Micros(stats.Median(w.cpu)), report.Ratio(stats.Ratio(w.cpu, wells[0].cpu)), report.Count(w.whole))
	}
	b.report.Plot(report.Plot{
		Name: "drain", Title: "Messages drained, by how many wait", Lines: true,
		Measure: "drain", What: "rate", X: "messages waiting", Y: "messages/s", LogX: true,
	})
	deep := wells[len(wells)-1]
	b.report.Reach("drain", report.Count(stats.Median(deep.rate))+"/s", report.Count(stats.Median(wells[0].rate))+"/s", stats.Ratio(deep.rate, wells[0].rate))
	b.report.Reach("drain CPU", report.Micros(stats.Median(deep.cpu))+" us", report.Micros(stats.Median(wells[0].cpu))+" us", stats.Ratio(deep.cpu, wells[0].cpu))
}

// open starts the server, warms it up and fills the queue.
func (w *well) open(b *bench) (err error) {
	if w.server, err = b.run(b.quayside); err != nil {
		return err
	}
	if w.queue, err = w.server.newQueue(b.plan.deepestBody); err != nil {
		return err
	}
	if w.callers, err = w.server.callers(loaders); err != nil {
		return err
	}
	point(w.callers, w.queue)
	if _, err := w.server.drive(w.callers, 500, cycle); err != nil {
		return err
	}
	_, err = w.server.drive(w.callers, w.depth/10, sendBatch)
	return err
}

func (w *well) close() {
	hangUp(w.callers)
	if w.server != nil {
		w.server.close()
	}
}

// round drains 1,000 messages and sends 1,000 others.
func (w *well) round() error {
	got, err := w.take(shallow)
	if err != nil {
		return err
	}
	w.rate = append(w.rate, float64(got.messages)/got.elapsed.Seconds())
	w.cpu = append(w.cpu, report.Known(got.server.Seconds()/float64(got.messages)))
	_, err = w.server.drive(w.callers, shallow/10, sendBatch)
	return err
}

// empty drains all that is left.
func (w *well) empty() error {
	got, err := w.take(w.depth)
	if err != nil {
		return err
	}
	w.whole = float64(got.messages) / got.elapsed.Seconds()
	return nil
}

// take receives and deletes that many messages, which must be there.
func (w *well) take(messages int) (spent, error) {
	got, err := w.server.drive(w.callers, messages/10, receiveDeleteTen)
	if err == nil && got.messages != messages {
		err = fmt.Errorf("%d requests for 10 messages each got %d", messages/10, got.messages)
	}
	return got, err
}
