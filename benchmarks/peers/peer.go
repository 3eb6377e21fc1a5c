package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// handler handles the message with that body. If it fails, the message is to be delivered again.
type handler func(ctx context.Context, body string) error

// peer is a way to handle the messages of a queue.
type peer struct {
	name   string
	hands  int    // handlers that run at once, at most
	only   string // the measure that it is compared in; "" for all
	absent string // why it cannot run; "" if it can

	// work handles messages until ctx is done. Then it ends as its library has it, and returns when the
	// handlers that run have returned and what they have done is deleted.
	work func(ctx context.Context, c *sqs.Client, queue string, h handler) error
}

// peers are compared in that order. The first is the yardstick.
var peers = []peer{careful, naive, quayside, prefetching, watermill, gocloud, gocloudLong}

// sender is a way to send messages to a queue.
type sender struct {
	name     string
	absent   string // why it cannot run; "" if it can
	together int    // messages that are handed over at once by each of many goroutines

	// open makes what sends. send returns when the messages are stored, and is called by many goroutines at once.
	open func(ctx context.Context, c *sqs.Client, queue string) (link, error)
}

// link is a sender at work.
type link struct {
	send  func(ctx context.Context, bodies []string) error
	close func() error
}

// sending are compared in that order. The first is the yardstick.
var sending = []sender{tens, singles, quaysideSend, quaysideAll, watermillPublisher, gocloudTopic, gocloudFew}
