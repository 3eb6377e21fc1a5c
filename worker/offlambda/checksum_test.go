package offlambda_test

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/worker"
	"github.com/quayside-go/quayside/worker/offlambda"
)

// Middleware takes an attribute away, as Decompress does; the checksum
// in the record is not that of the attributes before.
func TestChecksumOfAttributes(t *testing.T) {
	q := localqueue.New()
	defer q.Close()
	q.MustCreate("orders")
	sent, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: new("orders"), MessageBody: new("body"),
		MessageAttributes: map[string]types.MessageAttributeValue{"a": {DataType: new("String"), StringValue: new("1")}, "b": {DataType: new("String"), StringValue: new("2")}}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	h := offlambda.Handler(func(e events.SQSEvent) {
		r := e.Records[0]
		if len(r.MessageAttributes) != 1 || r.Md5OfMessageAttributes == *sent.MD5OfMessageAttributes {
			t.Errorf("%d attributes have the checksum of two", len(r.MessageAttributes))
		}
		cancel()
	})
	w := worker.New(q, "orders", worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
		m.Attributes = maps.Clone(m.Attributes)
		delete(m.Attributes, "b")
		return h.Handle(ctx, m)
	}))
	if err := w.Run(ctx); err != nil {
		t.Error(err)
	}
}
