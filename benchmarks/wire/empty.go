package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

// emptied is what one server reached with one queue.
type emptied struct {
	waiting, drained int
	rate, cpu        float64
}

// empty drains queues of 1,000, of 100,000 and of a million messages on every server from full to empty: a
// queue that a server can be sent in its time, and of that as much as it drains in its time.
func (b *bench) empty() error {
	b.progress("empty")
	servers, err := b.up("empty", b.everybody())
	if err != nil {
		return err
	}
	var rows [][]string
	for _, s := range servers {
		for _, depth := range []int{shallow, middle, b.plan.deepestOf} {
			if depth > b.plan.deepestOf {
				continue
			}
			b.progress("empty, %s, %d messages", s.name, depth)
			got, err := b.emptyOnce(s, depth)
			if why, err := b.without(fmt.Sprintf("queue of %d emptied", depth), s.subject, err); err != nil {
				return err
			} else if why != "" {
				rows = append(rows, []string{s.name, fmt.Sprint(depth), why, "-", "-"})
				break // it would not do better with more
			}
			at := report.At(float64(depth), "waiting")
			b.report.Note("empty", s.name, at, "rate", "messages/s", got.rate)
			b.report.Note("empty", s.name, at, "processor time", "s/message", got.cpu)
			rows = append(rows, []string{s.name, fmt.Sprint(depth), report.Count(got.rate), report.Micros(got.cpu), fmt.Sprint(got.drained)})
			if depth == b.plan.deepestOf {
				break
			}
		}
	}
	t := b.report.Table(fmt.Sprintf("Drain from full to empty, or for %v, %d connections, messages of %d bytes", b.plan.draining, loaders, b.plan.deepestBody),
		"server", "waiting", "/s", "CPU us/message", "drained")
	for _, row := range rows {
		t.Row(row...)
	}
	b.report.Plot(report.Plot{
		Name: "empty", Title: "Messages drained until none is left, by how many there were", Lines: true,
		Measure: "empty", What: "rate", X: "messages waiting", Y: "messages/s", LogX: true, LogY: true,
	})
	return nil
}

// without is leaveOut of what failed, and says so in a word or two. Here everybody may be too slow.
func (b *bench) without(what string, x subject, err error) (why string, _ error) {
	switch {
	case err == nil:
		return "", nil
	case errors.Is(err, errSlow):
		b.report.Skip(what+", "+x.name, err)
		return errSlow.Error(), nil
	}
	return "failed", b.leaveOut(what, x, err)
}

// emptyOnce fills a queue and drains it.
func (b *bench) emptyOnce(s *server, depth int) (got emptied, err error) {
	q, err := s.newQueue(b.plan.deepestBody)
	if err != nil {
		return got, err
	}
	limit := b.plan.filling
	if !s.peer {
		limit *= 4 // one is on the disk
	}
	sent, err := s.fill(q, depth, limit)
	if err == nil {
		err = s.holds(q, sent, 0)
	}
	if err != nil {
		if errors.Is(err, errSlow) {
			err = errors.Join(err, s.drop(q))
		}
		return got, err
	}
	all, err := s.drainFor(q, depth, b.plan.draining)
	if err == nil {
		err = errors.Join(s.holds(q, depth-all.messages, all.messages), s.drop(q))
	}
	n := float64(all.messages)
	return emptied{depth, all.messages, n / all.elapsed.Seconds(), report.Known(all.server.Seconds() / n)}, err
}

// drainFor receives and deletes that many messages, or as many as it can in that time.
func (s *server) drainFor(q *requests, messages int, limit time.Duration) (all spent, err error) {
	callers, err := s.callers(loaders)
	defer hangUp(callers)
	if err != nil {
		return all, err
	}
	point(callers, q)
	for start := time.Now(); all.messages < messages && time.Since(start) < limit; {
		part, err := s.driveFor(callers, (messages-all.messages+9)/10, limit-time.Since(start), receiveDeleteTen)
		if err != nil {
			return all, err
		}
		if part.messages == 0 {
			return all, fmt.Errorf("%d messages are received of %d, and no more", all.messages, messages)
		}
		all.messages += part.messages
		all.elapsed += part.elapsed
		all.server += part.server
	}
	return all, nil
}
