package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/benchmarks/internal/remote"
	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/sdk"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// opened are the connections that a worker has opened, and the requests it made on them, a value a round.
type opened struct{ connections, requests []float64 }

// connections counts the connections that the server accepts from a busy worker until it has drained.
// Beside the HTTP client that is meant for SQS there is the SDK's own.
func (b *bench) connections() error {
	s, err := remote.Start(b.ctx)
	if err != nil {
		return err
	}
	defer s.Stop()
	ways := []struct {
		name string
		over func() sqs.HTTPClient // that nobody has used before
	}{
		{"sqshttp", func() sqs.HTTPClient { return sdk.Far(0) }},
		{"the SDK's own", func() sqs.HTTPClient { return awshttp.NewBuildableClient() }},
	}
	all := make([]opened, len(ways))
	for i := range b.plan.rounds {
		b.progress("connections, round %d of %d", i+1, b.plan.rounds)
		for j := range ways {
			k := (i + j) % len(ways)
			if err := b.opened(s, ways[k].over(), &all[k]); err != nil {
				return fmt.Errorf("over %s: %w", ways[k].name, err)
			}
		}
	}
	t := b.report.Table(fmt.Sprintf("Connections opened in %v, %d handlers of 10 ms", b.plan.busy, concurrency), "HTTP client", "opened", "requests")
	for i, way := range ways {
		b.report.Note("connections", way.name, report.Load{}, "opened", "connections", all[i].connections...)
		b.report.Note("connections", way.name, report.Load{}, "requests", "requests", all[i].requests...)
		t.Row(way.name, report.Whole(stats.Median(all[i].connections)), report.Count(stats.Median(all[i].requests)))
	}
	n := stats.Median(all[0].connections)
	b.report.Reach("connections", report.Whole(n), report.Whole(concurrency), n/concurrency)
	return nil
}

// opened counts those of one worker. Idle connections are closed by the end of the server.
func (b *bench) opened(s *remote.Server, over sqs.HTTPClient, o *opened) (err error) {
	queue, err := b.queue(s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Drop(context.WithoutCancel(b.ctx), queue)) }()
	if err := s.Keep(b.ctx, queue, reserve, bodySize); err != nil {
		return err
	}
	before, err := s.Counts(b.ctx, queue)
	if err != nil {
		return err
	}
	r := b.start(sdk.New(s.URL(), over), queue, concurrency, about(10*time.Millisecond))
	err = r.during(b.ctx, b.plan.busy)
	if err := errors.Join(err, r.end()); err != nil {
		return err
	}
	after, err := s.Counts(b.ctx, queue)
	if err != nil {
		return err
	}
	o.connections = append(o.connections, float64(after.Connections-before.Connections))
	o.requests = append(o.requests, float64(after.Asked()-before.Asked()))
	return nil
}
