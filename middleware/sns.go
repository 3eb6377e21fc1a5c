package middleware

import (
	"context"
	"fmt"
	"slices"

	"github.com/quayside-go/quayside/internal/attr"
	"github.com/quayside-go/quayside/worker"
)

// SNSOptions are what SNS's functions may change.
type SNSOptions struct {
	// Topics are the ARNs of the topics that messages may come from. Default: any.
	Topics []string

	// Raw lets bodies through, as they are, that are not SNS envelopes: those of
	// subscriptions with raw message delivery, or sent to the queue directly. They name
	// no topic, so Topics does not hold for them. By default they are dead-lettered.
	Raw bool
}

// SNS unwraps messages that an SNS topic has sent to the queue. What is inside of it sees
// the message as it was published: Body, Attributes and, from the attribute
// "Quayside.Type", Type are those of the envelope's message, and [SNSOf] returns the
// envelope. When they have returned, the message is again as it was.
//
// A message goes the way of worker.DeadLetter, with an error that says why, if its body
// is not an envelope, comes from another topic than those allowed, has an attribute that
// cannot be decoded, or is not a Notification: a SubscriptionConfirmation, say, which
// somebody has to confirm.
//
// Whoever may send to the queue can write an envelope, with whatever TopicArn. The
// signature is not verified: have the queue's policy allow sns.amazonaws.com alone, for
// the topics' ARNs (aws:SourceArn).
func SNS(opts ...func(*SNSOptions)) worker.Middleware {
	var o SNSOptions
	for _, f := range opts {
		if f != nil {
			f(&o)
		}
	}
	o.Topics = slices.Clone(o.Topics)
	return func(next worker.Handler) worker.Handler {
		return worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
			e, err := readSNS(m.Body)
			if err != nil && o.Raw {
				return next.Handle(ctx, m)
			}
			if err == nil {
				err = o.check(e)
			}
			if err != nil {
				return worker.DeadLetter(err)
			}
			return unwrapped(ctx, m, e, next)
		})
	}
}

// check says why an envelope is not let through.
func (o *SNSOptions) check(e *SNSEnvelope) error {
	if len(o.Topics) > 0 && !slices.Contains(o.Topics, e.TopicARN) {
		return fmt.Errorf("SNS: the message is from topic %q, which is not one of those allowed", e.TopicARN)
	}
	if e.Type != "Notification" {
		return fmt.Errorf("SNS: the message of topic %q is a %q, want a Notification", e.TopicARN, e.Type)
	}
	return nil
}

// unwrapped calls next with m as it was published in e.
func unwrapped(ctx context.Context, m *worker.Message, e *SNSEnvelope, next worker.Handler) error {
	attributes, err := e.attributes()
	if err != nil {
		return worker.DeadLetter(err)
	}
	o := opened{body: e.Message, attributes: attributes}
	if typ := attributes[attr.Type].StringValue; typ != nil {
		o.typ = *typ
	}
	place := placeOf(m)
	defer func(before *SNSEnvelope) { place.envelope = before }(place.envelope)
	place.envelope = e
	return o.handle(ctx, m, next)
}
