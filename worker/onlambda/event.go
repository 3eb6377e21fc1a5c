package onlambda

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/internal/attr"
)

// source is a queue that records come from.
type source struct {
	queue string // name, or URL as in Options
	owner string // account, of a name
	url   string // where a name has its queue at AWS
}

func (s source) fifo() bool { return attr.IsFIFO(s.queue) }

// sources returns where each record comes from. The error says why the event cannot be
// handled.
func (t *trigger) sources(e events.SQSEvent) ([]source, error) {
	if len(e.Records) == 0 {
		return nil, errors.New("onlambda: the event has no records; is it from SQS?")
	}
	all := make([]source, len(e.Records))
	for i, r := range e.Records {
		if r.EventSource != "" && r.EventSource != "aws:sqs" {
			return nil, fmt.Errorf("onlambda: record %d of %d is from %q, want aws:sqs", i+1, len(e.Records), r.EventSource)
		}
		if r.MessageId == "" {
			return nil, fmt.Errorf("onlambda: record %d of %d has no messageId: its failure could not be reported", i+1, len(e.Records))
		}
		from, err := t.source(r.EventSourceARN)
		if err != nil {
			return nil, fmt.Errorf("onlambda: record %d of %d: %w", i+1, len(e.Records), err)
		}
		all[i] = from
	}
	return all, nil
}

func (t *trigger) source(arn string) (source, error) {
	if t.opts.QueueURL != "" {
		return source{queue: t.opts.QueueURL}, nil
	}
	part := strings.Split(arn, ":") // arn:PARTITION:sqs:REGION:ACCOUNT:NAME
	if len(part) != 6 || part[0] != "arn" || part[2] != "sqs" || part[5] == "" {
		return source{}, fmt.Errorf("eventSourceARN is %q, want that of a queue, or Options.QueueURL", arn)
	}
	region, owner, name := part[3], part[4], part[5]
	return source{queue: name, owner: owner, url: "https://sqs." + region + "." + domain(part[1]) + "/" + owner + "/" + name}, nil
}

// domain is where the services of a partition are.
func domain(partition string) string {
	if partition == "aws-cn" {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// message returns r as SQS delivers it to others.
func message(r events.SQSMessage) types.Message {
	m := types.Message{
		MessageId: known(r.MessageId), ReceiptHandle: known(r.ReceiptHandle), Body: &r.Body,
		MD5OfBody: known(r.Md5OfBody), MD5OfMessageAttributes: known(r.Md5OfMessageAttributes),
		Attributes: r.Attributes,
	}
	if len(r.MessageAttributes) > 0 {
		m.MessageAttributes = make(map[string]types.MessageAttributeValue, len(r.MessageAttributes))
	}
	for name, v := range r.MessageAttributes {
		m.MessageAttributes[name] = types.MessageAttributeValue{
			DataType: known(v.DataType), StringValue: v.StringValue, BinaryValue: v.BinaryValue,
			StringListValues: nonempty(v.StringListValues), BinaryListValues: nonempty(v.BinaryListValues),
		}
	}
	return m
}

// nonempty returns vs, nil if there are none: SQS knows no lists, and they would be sent on
// with a copy.
func nonempty[T any](vs []T) []T {
	if len(vs) == 0 {
		return nil
	}
	return vs
}

// known returns s, nil if it is empty.
func known(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
