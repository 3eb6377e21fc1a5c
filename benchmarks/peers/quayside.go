package main

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

// quayside is a worker with its defaults but for the number of handlers, and a drain that fits into the grace.
// With Prefetch, messages are received ahead; that is an option for handlers that take less time than a request.
var (
	quayside    = peer{name: "quayside", hands: concurrency, work: worked(0)}
	prefetching = peer{name: "quayside, Prefetch", hands: concurrency, only: "load", work: worked(10 * concurrency)}
)

func worked(prefetch int) func(context.Context, *sqs.Client, string, handler) error {
	return func(ctx context.Context, c *sqs.Client, queue string, h handler) error {
		err := worker.New(c, queue, worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
			return h(ctx, m.Body)
		}), func(o *worker.Options) {
			o.Concurrency, o.Prefetch, o.PrefetchBytes = concurrency, prefetch, int64(prefetch)<<20
			o.DrainTimeout, o.CancelTimeout, o.FlushTimeout = grace-4*time.Second, time.Second, time.Second
		}).Run(ctx)
		if _, ok := errors.AsType[*worker.DrainError](err); ok {
			return nil // what is left is released
		}
		return err
	}
}

// The producer as it is, and with as many requests at once as its callers can fill, so that what is far away is no
// limit: 64 goroutines that send one message each fill seven, which are fewer than the default.
var (
	quaysideSend = sender{name: "quayside Send", together: 1, open: produced(producer.DefaultConcurrency)}
	quaysideAll  = sender{name: "quayside SendAll, 64 requests", together: 10, open: produced(senders)}
)

func produced(requests int) func(context.Context, *sqs.Client, string) (link, error) {
	return func(ctx context.Context, c *sqs.Client, queue string) (link, error) {
		p := producer.New(c, queue, func(o *producer.Options) { o.Concurrency = requests })
		return link{
			close: func() error { return p.Close(ctx) },
			send: func(ctx context.Context, bodies []string) error {
				if len(bodies) == 1 {
					_, err := p.Send(ctx, producer.Message{Body: bodies[0]})
					return err
				}
				all := make([]producer.Message, len(bodies))
				for i := range bodies {
					all[i].Body = bodies[i]
				}
				_, err := p.SendAll(ctx, all...)
				return err
			},
		}, nil
	}
}
