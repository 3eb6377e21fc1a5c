package producer

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/internal/attr"
)

// sendBatch makes one request and answers the calls in it. It uses
// SendMessageBatch for a single message as well: price and permission are the
// same as SendMessage's, and errors do not depend on who else is sending.
//
// If SQS refuses a whole request for what may be one message's fault, each is
// sent alone, so that nobody gets an error made by somebody else's message.
func (p *Producer) sendBatch(batch []*call) {
	out, err := p.request(batch)
	switch {
	case err == nil:
		distribute(batch, out)
	case len(batch) > 1 && divisible(err):
		for i, c := range batch {
			if p.base.Err() != nil {
				c.answer(Sent{}, fmt.Errorf("not sent: %w", ErrClosed))
				continue
			}
			p.sendBatch(batch[i : i+1])
		}
	case p.base.Err() != nil:
		fail(batch, fmt.Errorf("unanswered, may have been sent: %w: %w", ErrClosed, err))
	default:
		fail(batch, attr.Explain(p.client, p.queue, err))
	}
}

// request makes one request for batch.
func (p *Producer) request(batch []*call) (*sqs.SendMessageBatchOutput, error) {
	in := &sqs.SendMessageBatchInput{
		QueueUrl: &p.url, // not written again once it is set
		Entries:  make([]types.SendMessageBatchRequestEntry, len(batch)),
	}
	for i, c := range batch {
		c.entry.Id = new(strconv.Itoa(i))
		in.Entries[i] = c.entry
	}
	ctx, cancel := context.WithTimeout(p.base, requestTimeout)
	defer cancel()
	start := time.Now()
	out, err := p.client.SendMessageBatch(ctx, in)
	if err == nil && out == nil {
		out = &sqs.SendMessageBatchOutput{}
	}
	p.event(Event{Action: "SendMessageBatch", Err: err, Start: start}, batch, out)
	return out, err
}

// divisible reports whether one message may have spoilt a request: SQS, or the
// SDK's own checks, have refused it as wrong in itself, rather than for who
// asks, where or how often.
func divisible(err error) bool {
	if errors.As(err, new(smithy.InvalidParamsError)) {
		return true
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	switch api.ErrorCode() {
	case "InvalidParameterValue", "InvalidParameterValueException",
		"MissingParameter", "MissingRequiredParameterException",
		"InvalidMessageContents", "UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation",
		"BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong":
		return true
	}
	return false
}

var errUnanswered = errors.New("the reply does not mention the message, which may have been sent")

// distribute answers each call with its entry of the reply.
func distribute(batch []*call, out *sqs.SendMessageBatchOutput) {
	for _, r := range out.Successful {
		if i, ok := position(r.Id, batch); ok {
			batch[i].answer(Sent{ID: deref(r.MessageId), Sequence: deref(r.SequenceNumber)}, nil)
			batch[i] = nil
		}
	}
	for _, r := range out.Failed {
		if i, ok := position(r.Id, batch); ok {
			batch[i].answer(Sent{}, refusal(r))
			batch[i] = nil
		}
	}
	fail(batch, errUnanswered)
}

// refusal is what SQS says against a message.
func refusal(r types.BatchResultErrorEntry) error {
	e := &smithy.GenericAPIError{Code: deref(r.Code), Message: deref(r.Message), Fault: smithy.FaultServer}
	if r.SenderFault {
		e.Fault = smithy.FaultClient
	}
	return e
}

// position returns the index that id stands for, if its call awaits an answer.
func position(id *string, batch []*call) (int, bool) {
	i, err := strconv.Atoi(deref(id))
	return i, err == nil && i >= 0 && i < len(batch) && batch[i] != nil
}

// fail answers those of batch that have no answer yet with err.
func fail(batch []*call, err error) {
	for _, c := range batch {
		if c != nil {
			c.answer(Sent{}, err)
		}
	}
}
