package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
	"github.com/quayside-go/quayside/localqueue"
)

// series is what one caller took, a value a round, each of a message.
type series struct{ elapsed, allocs, requests []float64 }

// inProcess compares callers of a server in this process.
func (b *bench) inProcess() error {
	q := localqueue.New()
	defer func() { _ = q.Close() }() // in memory: nothing can be lost
	return b.throughput("process", "In process", q, q)
}

// overHTTP compares callers of a server on loopback.
func (b *bench) overHTTP() error {
	q := localqueue.New()
	defer func() { _ = q.Close() }() // in memory: nothing can be lost
	c, stop, err := overLoopback(q)
	if err != nil {
		return err
	}
	return errors.Join(b.throughput("http", "Over HTTP", q, c), stop())
}

func (b *bench) throughput(key, heading string, q *localqueue.Server, c client) error {
	took, err := b.race(key, q, c, compared, b.plan.messages)
	if err != nil {
		return err
	}
	yard := took[0]
	t := b.report.Table(heading+", messages of 256 bytes", "client", "messages/s", "x by hand", "requests a message", "allocations a message")
	b.plotThroughput(key, heading)
	for i, x := range took {
		x.note(b.report, key, compared[i].name)
		rate := stats.Ratio(yard.elapsed, x.elapsed)
		t.Row(compared[i].name, report.Count(1/stats.Median(x.elapsed)), report.Ratio(rate),
			report.Written(stats.Median(x.requests), "%.4f"), report.Written(stats.Median(x.allocs), "%.1f"))
		if i < 3 {
			continue // what it is about
		}
		name := key + " " + compared[i].name
		b.report.Reach(name+" rate", report.Count(1/stats.Median(x.elapsed)), report.Count(1/stats.Median(yard.elapsed)), rate)
		requests := stats.Median(x.requests)
		b.report.Reach(name+" requests", report.Written(requests, "%.4f"), report.Written(fewest, "%.3f"), requests/fewest)
		if key == "process" { // over HTTP, the SDK's are so many more
			more := stats.Median(x.allocs) - stats.Median(yard.allocs)
			b.report.Reach(name+" allocations", report.Written(more, "%.2f more"), report.Written(moreAllocs, "%.1f"), more/moreAllocs)
		}
	}
	return nil
}

// latency compares how long one message takes after the other.
func (b *bench) latency() error {
	q := localqueue.New()
	defer func() { _ = q.Close() }() // in memory: nothing can be lost
	c, stop, err := overLoopback(q)
	if err != nil {
		return err
	}
	t := b.report.Table("One message after the other", "client", "us in process", "us over HTTP", "x SendMessage over HTTP")
	callers := []caller{one, oneSend}
	near, err := b.race("latency in process", q, q, callers, 10*b.plan.single)
	if err != nil {
		return errors.Join(err, stop())
	}
	far, err := b.race("latency over HTTP", q, c, callers, b.plan.single)
	if err != nil {
		return errors.Join(err, stop())
	}
	for i := range callers {
		b.report.Note("latency", callers[i].name, report.Under("in process"), "elapsed", "s/message", near[i].elapsed...)
		b.report.Note("latency", callers[i].name, report.Under("over HTTP"), "elapsed", "s/message", far[i].elapsed...)
		t.Row(callers[i].name, report.Micros(stats.Median(near[i].elapsed)), report.Micros(stats.Median(far[i].elapsed)),
			report.Ratio(stats.Ratio(far[i].elapsed, far[0].elapsed)))
	}
	b.report.Plot(report.Plot{
		Name: "latency", Title: "One message after the other", Measure: "latency", What: "elapsed", Y: "us a message", PerUnit: 1e-6,
	})
	b.report.Reach("latency", report.Micros(stats.Median(far[1].elapsed))+" us", report.Micros(stats.Median(far[0].elapsed))+" us",
		stats.Ratio(far[1].elapsed, far[0].elapsed))
	return stop()
}

// race has the callers send as many messages each in every round, each of which begins with another. The
// first round warms up and is thrown away.
func (b *bench) race(what string, q *localqueue.Server, c client, callers []caller, messages int) ([]*series, error) {
	b.progress("%s, %d rounds", what, b.plan.rounds)
	took := make([]*series, len(callers))
	for i := range b.plan.rounds + 1 {
		for j := range callers {
			k := (i + j) % len(callers)
			if i <= 1 {
				took[k] = &series{}
			}
			if err := b.round(q, c, callers[k], messages, took[k]); err != nil {
				return nil, fmt.Errorf("%s: %w", callers[k].name, err)
			}
		}
	}
	return took, nil
}

// round is a round of one caller: all messages, to a queue of their own.
func (b *bench) round(q *localqueue.Server, c client, by caller, messages int, took *series) error {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	messages /= by.part
	queue := newName()
	if _, err := q.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &queue}); err != nil {
		return err
	}
	counting := &counted{client: c}
	body := strings.Repeat("x", bodySize)
	runtime.GC() // of what was before
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	if err := by.send(ctx, counting, queue, body, messages); err != nil {
		return err
	}
	n := float64(messages)
	took.elapsed = append(took.elapsed, time.Since(start).Seconds()/n)
	runtime.ReadMemStats(&after)
	took.allocs = append(took.allocs, float64(after.Mallocs-before.Mallocs)/n)
	took.requests = append(took.requests, float64(counting.n.Load())/n)
	if err := holds(ctx, q, queue, messages); err != nil {
		return err
	}
	_, err := q.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: &queue})
	return err
}

// holds makes sure that all messages are there, once each.
func holds(ctx context.Context, q *localqueue.Server, queue string, messages int) error {
	out, err := q.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &queue, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameApproximateNumberOfMessages}})
	if err != nil {
		return err
	}
	if n := out.Attributes[string(types.QueueAttributeNameApproximateNumberOfMessages)]; n != strconv.Itoa(messages) {
		return fmt.Errorf("%s of %d messages are in the queue", n, messages)
	}
	return nil
}
