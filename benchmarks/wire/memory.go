package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/sdk"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

const (
	loaded       = 100_000 // messages
	loadedLimit  = 160e6   // bytes resident, the bound
	afterLoading = 5 * time.Second
)

// resident is what was read of one server, in bytes, a value for each process.
type resident struct {
	messages                  int
	empty, right, peak, later []float64
	judged, perMessage        []float64
}

// memory measures what a server with 100,000 waiting messages of 1 KB keeps resident: once they are
// sent, and five seconds later. The larger of the two is judged. A peer that is slow has fewer.
func (b *bench) memory() error {
	columns := []string{"server", "messages", "before", "once loaded", "5 s later", "peak until loaded", "bytes a message"}
	var rows [][]string
	for _, x := range b.everybody() {
		got, err := b.memoryOf(x)
		if errors.Is(err, errors.ErrUnsupported) {
			b.report.Skip("memory", err)
			return nil
		}
		if err != nil {
			if err := b.leaveOut("memory", x, err); err != nil {
				return err
			}
			rows = append(rows, []string{x.name, "failed", "-", "-", "-", "-", "-"})
			continue
		}
		got.note(b.report, x.name)
		rows = append(rows, []string{
			x.name, fmt.Sprint(got.messages), report.Megabytes(stats.Median(got.empty)), report.Megabytes(stats.Median(got.right)),
			report.Megabytes(stats.Median(got.later)), report.Megabytes(stats.Median(got.peak)), report.Whole(stats.Median(got.perMessage)),
		})
		if x.name == "quayside" {
			m := stats.Median(got.judged)
			b.report.Reach("memory", report.Megabytes(m), report.Megabytes(loadedLimit), m/loadedLimit)
		}
	}
	t := b.report.Table(fmt.Sprintf("Resident memory with %d messages of %d bytes (bodies alone: %s), or as many as a peer is sent in %v",
		loaded, bodySize, report.Megabytes(loaded*bodySize), b.plan.filling), columns...)
	for _, row := range rows {
		t.Row(row...)
	}
	b.report.Plot(report.Plot{
		Name: "memory", Title: "Resident, for each waiting message of 1 KB",
		Measure: "memory", What: "growth", Y: "bytes a message",
	})
	return nil
}

// note keeps what was read.
func (m *resident) note(r *report.Report, server string) {
	for _, x := range []struct {
		when  string
		bytes []float64
	}{{"before", m.empty}, {"once loaded", m.right}, {"5 s later", m.later}, {"peak until loaded", m.peak}} {
		r.Note("memory", server, report.Under(x.when), "resident", "bytes", x.bytes...)
	}
	r.Note("memory", server, report.Load{}, "growth", "bytes/message", m.perMessage...)
	r.Note("memory", server, report.Load{}, "messages", "messages", float64(m.messages))
}

// memoryOf loads processes of the subject: several of quayside, one of others.
func (b *bench) memoryOf(x subject) (*resident, error) {
	times := 1
	if x.name == b.quayside.name {
		times = b.plan.loads
	}
	all := &resident{}
	for i := range times {
		b.progress("memory, %s, load %d of %d", x.name, i+1, times)
		if err := b.memoryOnce(x, all); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// memoryOnce reads resident bytes before, right after and five seconds after loading, and the peak until
// it was loaded.
func (b *bench) memoryOnce(x subject, all *resident) error {
	s, err := b.run(x)
	if err != nil {
		return err
	}
	defer s.close()
	q, err := s.newQueue(bodySize)
	if err != nil {
		return err
	}
	before, _, err := s.process.Memory()
	if err != nil {
		return err
	}
	if all.messages, err = b.loadFor(s, q); err != nil {
		return err
	}
	now, peak, err := s.process.Memory()
	if err != nil {
		return err
	}
	if err := sdk.Rest(b.ctx, afterLoading); err != nil {
		return err
	}
	later, _, err := s.process.Memory()
	all.empty, all.right, all.peak = append(all.empty, float64(before)), append(all.right, float64(now)), append(all.peak, float64(peak))
	all.later, all.judged = append(all.later, float64(later)), append(all.judged, float64(max(now, later)))
	all.perMessage = append(all.perMessage, float64(max(now, later)-before)/float64(all.messages))
	return err
}

// loadFor sends 100,000 messages, or as many as a peer can be sent in its time, and returns how many they are.
func (b *bench) loadFor(s *server, q *requests) (int, error) {
	callers, err := s.callers(loaders)
	defer hangUp(callers)
	if err != nil {
		return 0, err
	}
	point(callers, q)
	got, err := s.driveFor(callers, loaded/10, b.plan.fill(s), sendBatch)
	if err == nil {
		err = s.holds(q, got.messages, 0)
	}
	return got.messages, err
}
