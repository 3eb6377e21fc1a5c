package main

import (
	"fmt"
	"strconv"
	"sync/atomic"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// fifoWaits is how many messages wait at least.
const fifoWaits = 1000

// What a FIFO queue has: groups apart from one another, and where that is not known, the least there is.
const (
	highThroughput = `"FifoQueue":"true","DeduplicationScope":"messageGroup","FifoThroughputLimit":"perMessageGroupId"`
	plainFIFO      = `"FifoQueue":"true"`
)

// sequence gives every message a number, which says its group and is its deduplication id.
var sequence atomic.Int64

// fifo measures the batch cycle on FIFO queues, by the number of groups. As many messages are sent as were
// received, so that a queue has always as many: a receive that finds all groups held by others gets none, and does nothing.
func (b *bench) fifo() error {
	b.progress("fifo")
	subjects := b.everybody()
	servers, err := b.up("fifo", subjects)
	if err != nil {
		return err
	}
	columns := []string{"groups", "server", "messages/s", "CPU us/message", "client CPU us", "quayside is x", "attributes taken"}
	all := make([]map[string]*lane, len(b.plan.groups))
	var before map[string]*lane
	for i, groups := range b.plan.groups {
		b.progress("fifo, %d groups", groups)
		if all[i], err = b.fifoOf(servers, before, groups); err != nil {
			return fmt.Errorf("%d groups: %w", groups, err)
		}
		before = all[i]
	}
	t := b.report.Table(fmt.Sprintf("Batch cycle on a FIFO queue, %d connections, 1 KB each", judged), columns...)
	for i, groups := range b.plan.groups {
		q := all[i]["quayside"].reached()
		for _, x := range subjects {
			l := all[i][x.name]
			got := l.reached()
			if got == nil {
				failedRow(t, len(columns), l, fmt.Sprint(groups), x.name)
				continue
			}
			at := report.At(float64(groups), "groups")
			b.report.Note("fifo", x.name, at, "rate", "messages/s", got.rate...)
			b.report.Note("fifo", x.name, at, "processor time", "s/message", got.server...)
			t.Row(fmt.Sprint(groups), x.name, report.Count(stats.Median(got.rate)), report.Micros(stats.Median(got.server)),
				report.Micros(stats.Median(got.client)), report.Ratio(stats.Ratio(q.rate, got.rate)), map[bool]string{true: "yes", false: "no"}[l.queue.separate])
		}
	}
	b.report.Plot(report.Plot{
		Name: "fifo", Title: "Batch cycle on a FIFO queue, by the number of groups", Lines: true,
		Measure: "fifo", What: "rate", X: "groups", Y: "messages/s", LogX: true, LogY: true,
	})
	return nil
}

// fifoOf fills a queue on every server and measures the cycle on it.
func (b *bench) fifoOf(servers []*server, before map[string]*lane, groups int) (map[string]*lane, error) {
	what := fmt.Sprintf("fifo, %d groups", groups)
	all, lanes := lanesOf(servers, workload{name: "fifo", op: cycleGroups}, before)
	for _, l := range lanes {
		if err := b.step(what, l, func() error { return l.fillGroups(b.plan, groups) }); err != nil {
			return nil, err
		}
	}
	if err := b.race(what, lanes, judged, b.plan.races/2); err != nil {
		return nil, err
	}
	return all, b.dropAll(what, lanes)
}

// fillGroups makes the lane's queue, with messages of all groups.
func (l *lane) fillGroups(p plan, groups int) (err error) {
	if l.queue, err = l.server.newFIFO(groups); err == nil {
		err = l.load(max(groups, fifoWaits), p.fill(l.server))
	}
	return err
}

// dropAll deletes the lanes' queues.
func (b *bench) dropAll(what string, lanes []*lane) error {
	for _, l := range lanes {
		if l.queue == nil || l.failed == "failed" {
			continue // nothing more is asked of it
		}
		if err := l.server.drop(l.queue); err != nil {
			if err := b.leaveOut(what, l.server.subject, err); err != nil {
				return err
			}
		}
	}
	return nil
}

// newFIFO makes a FIFO queue whose messages are of that many groups, one after the other.
func (s *server) newFIFO(groups int) (*requests, error) {
	name := fmt.Sprintf("wire-%d.fifo", queues.Add(1))
	q, err := s.createQueue(name, highThroughput, bodySize)
	separate := err == nil
	if err != nil {
		if q, err = s.createQueue(name, plainFIFO, bodySize); err != nil {
			return nil, err
		}
	}
	q.groups, q.separate = int64(groups), separate
	return q, nil
}

// sendGroups sends ten messages.
func sendGroups(c *caller) (int, error) { return 10, c.sendGroups(10) }

// cycleGroups receives up to ten messages, deletes them, and sends as many.
func cycleGroups(c *caller) (int, error) {
	n, err := receiveDeleteTen(c)
	if err != nil || n == 0 {
		return 0, err
	}
	return n, c.sendGroups(n)
}

// sendGroups sends n messages, at most ten, of the groups whose turn it is.
func (c *caller) sendGroups(n int) error {
	c.body = append(c.body[:0], c.to.sendBatchOf...)
	for i := range n {
		k := sequence.Add(1)
		c.body = append(c.body, `{"Id":"m`...)
		c.body = append(c.body, '0'+byte(i))
		c.body = append(c.body, `","MessageGroupId":"g`...)
		c.body = strconv.AppendInt(c.body, k%c.to.groups, 10)
		c.body = append(c.body, `","MessageDeduplicationId":"d`...)
		c.body = strconv.AppendInt(c.body, k, 10)
		c.body = append(c.body, `","MessageBody":"`...)
		c.body = append(c.body, c.to.text...)
		c.body = append(c.body, `"},`...)
	}
	c.body = append(c.body[:len(c.body)-1], "]}"...)
	c.out = c.to.sendBatchHead.Append(c.out[:0], c.body)
	reply, err := c.do(c.out)
	if err == nil && someFailed(reply) {
		err = fmt.Errorf("not all messages of a batch were sent: %.300s", reply)
	}
	return err
}
