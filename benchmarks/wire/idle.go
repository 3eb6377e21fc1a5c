package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// probes are the requests by which a disturbed server is compared with an undisturbed one, in a round.
const probes = 1000

// half is a request whose headers never end.
const half = "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: applic"

// idle measures whether 10,000 connections that send nothing, or half a request's headers, disturb
// others: the latency of sends beside that of a second server without such a crowd.
func (b *bench) idle() error {
	t := b.report.Table(fmt.Sprintf("%d connections that do nothing: latency of SendMessage on another, beside a server without them, us", crowd),
		"they sent", "p50", "p99", "alone p50", "alone p99", "p50 x", "p99 x", "memory each", "they are")
	for _, c := range []struct{ name, bytes string }{{"nothing", ""}, {"half a head", half}} {
		b.progress("%d idle connections that sent %s", crowd, c.name)
		if err := b.crowded(t, c.name, c.bytes); err != nil {
			return fmt.Errorf("idle connections that sent %s: %w", c.name, err)
		}
	}
	b.plotLatency("idle", fmt.Sprintf("SendMessage, beside %d connections that do nothing", crowd))
	return nil
}

// crowded measures one kind of crowd.
func (b *bench) crowded(t report.Table, name, bytes string) error {
	var servers [2]*server
	var lanes [2]probe
	for i := range servers {
		s, err := b.run(b.quayside)
		if err != nil {
			return err
		}
		defer s.close()
		servers[i] = s
		defer func() { hangUp(lanes[i].callers) }()
		if err := lanes[i].open(s); err != nil {
			return err
		}
	}
	crowded := servers[0]
	before, _, err := crowded.process.Memory()
	if err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	callers, err := crowded.callers(crowd)
	defer hangUp(callers)
	if err != nil {
		return err
	}
	opened := time.Now()
	for _, c := range callers {
		if err := c.conn.Send([]byte(bytes)); err != nil {
			return err
		}
	}
	for round := range b.plan.rounds {
		for i := range lanes {
			if err := lanes[(i+round)%len(lanes)].round(); err != nil {
				return err
			}
		}
	}
	after, _, _ := crowded.process.Memory() // unsupported: both are 0
	end := "-"
	if b.plan.watch > 0 {
		end = ending(callers[0], opened, b.plan.watch)
	}
	with, alone := &lanes[0].took, &lanes[1].took
	with.note(b.report, "idle", "beside them", name+", ")
	alone.note(b.report, "idle", "without them", name+", ")
	b.report.Note("idle", "those that sent "+name, report.Load{}, "resident", "bytes/connection", report.Known(float64(after-before)/crowd))
	t.Row(name, report.Micros(stats.Median(with.p50)), report.Micros(stats.Median(with.p99)), report.Micros(stats.Median(alone.p50)), report.Micros(stats.Median(alone.p99)),
		report.Ratio(stats.Ratio(with.p50, alone.p50)), report.Ratio(stats.Ratio(with.p99, alone.p99)),
		report.Written(float64(after-before)/crowd/1e3, "%.1f KB"), end)
	return nil
}

// probe is a caller that a server should serve as if nobody else were there.
type probe struct {
	callers []*caller // one
	took    latencies
}

// open makes a queue, connects and warms the server up. The caller closes the connection, also after
// an error.
func (p *probe) open(s *server) error {
	q, err := s.newQueue(bodySize)
	if err != nil {
		return err
	}
	if p.callers, err = s.callers(1); err != nil {
		return err
	}
	point(p.callers, q)
	_, err = s.drive(p.callers, probes, send)
	return err
}

// round times one send after another.
func (p *probe) round() error {
	if err := p.callers[0].conn.Expire(patience); err != nil {
		return err
	}
	samples := make([]float64, probes)
	for i := range samples {
		start := time.Now()
		if _, err := send(p.callers[0]); err != nil {
			return err
		}
		samples[i] = time.Since(start).Seconds()
	}
	p.took.add(samples)
	return nil
}

// ending says how the server ended a connection of the crowd, and when.
func ending(c *caller, opened time.Time, watch time.Duration) string {
	if err := c.conn.Expire(watch); err != nil {
		return err.Error()
	}
	reply, err := c.conn.Receive()
	after := time.Since(opened).Round(time.Second)
	switch {
	case err == nil:
		return fmt.Sprintf("answered %d after %v", reply.Status, after)
	case errors.Is(err, io.EOF):
		return fmt.Sprintf("closed after %v", after)
	default:
		return fmt.Sprintf("open after %v", after)
	}
}
