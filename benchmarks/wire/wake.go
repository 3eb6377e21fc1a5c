package main

import (
	"bytes"
	"fmt"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
	"github.com/quayside-go/quayside/benchmarks/wire/internal/lean"
)

// settle is how long everything rests before a latency is taken: long enough for a poll to be parked.
const settle = time.Millisecond

// latencies are what one server reached, a quantile a round, in seconds.
type latencies struct{ p50, p99 []float64 }

func (l *latencies) add(samples []float64) {
	l.p50 = append(l.p50, stats.Quantile(samples, 0.5))
	l.p99 = append(l.p99, stats.Quantile(samples, 0.99))
}

// note keeps the latencies.
func (l *latencies) note(r *report.Report, measure, who, of string) {
	r.Note(measure, who, report.Under(of+"median"), "latency", "s", l.p50...)
	r.Note(measure, who, report.Under(of+"99th percentile"), "latency", "s", l.p99...)
}

// wake measures how long a parked receiver waits for a message: from before the send, on another
// connection, until the receiver has its reply. Its yardstick is a round trip of the same server, a
// GetQueueUrl, taken between the wake-ups and in the same way.
func (b *bench) wake() error {
	columns := []string{"server", "wake p50", "wake p99", "trip p50", "trip p99", "p50 x", "p99 x"}
	var rows [][]string
	for i, x := range b.everybody() {
		b.progress("wake-up, %s", x.name)
		w, r, err := b.wakeOf(x)
		if err != nil {
			if err := b.leaveOut("wake", x, err); err != nil {
				return err
			}
			rows = append(rows, []string{x.name, "failed", "-", "-", "-", "-", "-"})
			continue
		}
		w.note(b.report, "wake", x.name, "woken, ")
		r.note(b.report, "wake", x.name, "round trip, ")
		rows = append(rows, []string{
			x.name, report.Micros(stats.Median(w.p50)), report.Micros(stats.Median(w.p99)),
			report.Micros(stats.Median(r.p50)), report.Micros(stats.Median(r.p99)), report.Ratio(stats.Ratio(w.p50, r.p50)), report.Ratio(stats.Ratio(w.p99, r.p99)),
		})
		if i == 0 {
			b.report.Reach("wake", report.Micros(stats.Median(w.p99))+" us", report.Micros(stats.Median(r.p99))+" us", stats.Ratio(w.p99, r.p99))
		}
	}
	t := b.report.Table("Long poll: from before the send to the receiver's reply (wake), beside GetQueueUrl (trip), us", columns...)
	for _, row := range rows {
		t.Row(row...)
	}
	b.plotLatency("wake", "A long poll woken by a message, beside a round trip")
	return nil
}

// wakeOf runs the rounds on one subject. The first is a warm-up.
func (b *bench) wakeOf(x subject) (wakes, trips latencies, err error) {
	s, err := b.run(x)
	if err != nil {
		return wakes, trips, err
	}
	defer s.close()
	q, err := s.newQueue(bodySize)
	if err != nil {
		return wakes, trips, err
	}
	callers, err := s.callers(2)
	defer hangUp(callers)
	if err != nil {
		return wakes, trips, err
	}
	point(callers, q)
	pair := &poll{receiver: callers[0], sender: callers[1]}
	rounds, n, longest := b.plan.rounds, b.plan.wakes, b.plan.longest
	if x.name != b.quayside.name {
		rounds, n, longest = b.plan.peerRounds, b.plan.peerWakes, b.plan.longest/5
	}
	for round := -1; round < rounds; round++ {
		woken, tripped, err := pair.round(n, longest)
		if err != nil {
			return wakes, trips, err
		}
		if round >= 0 {
			wakes.add(woken)
			trips.add(tripped)
		}
		if err := b.ctx.Err(); err != nil {
			return wakes, trips, err
		}
	}
	return wakes, trips, nil
}

// poll is a receiver that is parked and a sender that wakes it.
type poll struct{ receiver, sender *caller }

// round takes n wake-ups and as many round trips in turn, in seconds; fewer if they take longer than
// longest.
func (p *poll) round(n int, longest time.Duration) (woken, tripped []float64, err error) {
	for _, c := range []*caller{p.receiver, p.sender} {
		if err := c.conn.Expire(patience); err != nil {
			return nil, nil, err
		}
	}
	for start := time.Now(); len(woken) < n && time.Since(start) < longest; {
		w, err := p.wake()
		if err != nil {
			return nil, nil, err
		}
		t, err := p.trip()
		if err != nil {
			return nil, nil, err
		}
		woken, tripped = append(woken, w.Seconds()), append(tripped, t.Seconds())
	}
	return woken, tripped, nil
}

// wake parks the receiver, wakes it, and deletes the message.
func (p *poll) wake() (time.Duration, error) {
	if err := p.receiver.conn.Send(p.receiver.to.receiveLong); err != nil {
		return 0, err
	}
	if err := p.sender.conn.Ready(); err != nil {
		return 0, err
	}
	replied := p.await()
	time.Sleep(settle)
	start := time.Now()
	if _, err := send(p.sender); err != nil {
		return 0, err
	}
	got := <-replied
	if got.err != nil {
		return 0, got.err
	}
	p.sender.handles = lean.Find(p.sender.handles[:0], got.body, "ReceiptHandle")
	if len(p.sender.handles) != 1 {
		return 0, fmt.Errorf("a long poll ended with %d messages", len(p.sender.handles))
	}
	return got.at.Sub(start), p.sender.deleteOne()
}

// trip times a simple request as wake times a message: one goroutine writes, another reads.
func (p *poll) trip() (time.Duration, error) {
	if err := p.receiver.conn.Ready(); err != nil {
		return 0, err
	}
	replied := p.await()
	time.Sleep(settle)
	start := time.Now()
	if err := p.receiver.conn.Send(p.receiver.to.ask); err != nil {
		return 0, err
	}
	got := <-replied
	return got.at.Sub(start), got.err
}

// arrival is a reply and when it was read.
type arrival struct {
	at   time.Time
	body []byte
	err  error
}

// await reads the receiver's next reply.
func (p *poll) await() <-chan arrival {
	done := make(chan arrival, 1)
	go func() {
		reply, err := p.receiver.conn.Receive()
		at := time.Now()
		var body []byte
		if err == nil {
			body, err = succeeded(reply)
		}
		done <- arrival{at, bytes.Clone(body), err}
	}()
	return done
}
