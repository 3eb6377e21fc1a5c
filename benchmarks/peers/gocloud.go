package main

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"gocloud.dev/pubsub"
	"gocloud.dev/pubsub/awssnssqs"
	"gocloud.dev/pubsub/batcher"
)

const gocloudModule = "gocloud.dev"

// gocloud is the loop of pubsub's example for concurrent handlers, with the subscription's defaults: it learns how
// many messages it should have ahead, and asks SQS by short polls, with 250 ms between those that bring nothing.
// With long polls it asks less, and its documentation says that messages may be delayed by as much.
var (
	gocloud     = peer{name: "gocloud", hands: concurrency, work: subscribed(0)}
	gocloudLong = peer{name: "gocloud, WaitTime", hands: concurrency, only: "latency", work: subscribed(longPoll)}
)

func subscribed(wait time.Duration) func(context.Context, *sqs.Client, string, handler) error {
	return func(ctx context.Context, c *sqs.Client, queue string, h handler) error {
		s := awssnssqs.OpenSubscription(ctx, c, queue, &awssnssqs.SubscriptionOptions{Raw: true, WaitTime: wait})
		err := receiveAll(ctx, s, h)
		flush, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace-4*time.Second)
		defer cancel()
		return errors.Join(err, s.Shutdown(flush))
	}
}

// receiveAll is the example's loop. What the example leaves to chance, a message that is received when it is time
// to end, is given back here.
func receiveAll(ctx context.Context, s *pubsub.Subscription, h handler) error {
	busy := make(chan struct{}, concurrency)
	defer func() {
		for range concurrency { // until all handlers have returned
			busy <- struct{}{}
		}
	}()
	for {
		m, err := s.Receive(ctx)
		if ctx.Err() != nil {
			if err == nil {
				m.Nack()
			}
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case busy <- struct{}{}:
		case <-ctx.Done():
			m.Nack()
			return nil
		}
		go func() {
			defer func() { <-busy }()
			if h(context.WithoutCancel(ctx), string(m.Body)) != nil {
				m.Nack()
				return
			}
			m.Ack()
		}()
	}
}

// The topic as it is makes up to 100 requests at once and batches only beyond that; with few it batches sooner.
var (
	gocloudTopic = sender{name: "gocloud Send", together: 1, open: published(0)}
	gocloudFew   = sender{name: "gocloud Send, MaxHandlers 8", together: 1, open: published(8)}
)

func published(requests int) func(context.Context, *sqs.Client, string) (link, error) {
	return func(ctx context.Context, c *sqs.Client, queue string) (link, error) {
		t := awssnssqs.OpenSQSTopic(ctx, c, queue, &awssnssqs.TopicOptions{BatcherOptions: batcher.Options{MaxHandlers: requests}})
		return link{
			close: func() error { return t.Shutdown(ctx) },
			send: func(ctx context.Context, bodies []string) error {
				return t.Send(ctx, &pubsub.Message{Body: []byte(bodies[0])})
			},
		}, nil
	}
}
