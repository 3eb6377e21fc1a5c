package producer

import (
	"context"
	"time"
)

// Options are what New's functions may change.
type Options struct {
	// Hook, if not nil, is told of every request to SQS; logs, metrics and
	// traces are made from it. Several goroutines may call it at once, and the
	// messages of its request wait for it, so it should be quick. ctx carries no
	// values: a request may serve many callers. A panic in it is not recovered.
	Hook func(ctx context.Context, e Event)
}

// Event is a request to SQS that was answered or has failed: one call of the
// Client. SQS bills each try of it: those that the SDK makes on its own when one
// fails are inside one event.
type Event struct {
	Queue    string // name of the queue
	Action   string // the SQS action: "SendMessageBatch" or "GetQueueUrl"
	Messages int    // how many messages the request carried
	Refused  int    // how many of them SQS refused one by one
	Err      error  // of the request as a whole
	Start    time.Time
	Duration time.Duration
}
