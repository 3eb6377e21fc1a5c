package middleware_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

// An order has eight attempts, unless it is for what is not sold any more: no other
// attempt will change that.
func ExampleDeadLetter() {
	q := localqueue.New()
	defer q.Close()
	q.MustCreate("orders -> orders-dlq")
	ctx, stop := context.WithCancel(context.Background())
	if _, err := producer.New(q, "orders").Send(ctx, producer.Message{Body: "a slide rule"}); err != nil {
		fmt.Println(err)
	}

	errNotSold := errors.New("not sold any more")
	dead := middleware.DeadLetter(8, func(err error) bool { return errors.Is(err, errNotSold) })
	ship := dead(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
		stop() // it is enough for an example
		return fmt.Errorf("%s: %w", m.Body, errNotSold)
	}))
	fmt.Println(worker.New(q, "orders", ship).Run(ctx))

	url, err := q.GetQueueUrl(context.Background(), &sqs.GetQueueUrlInput{QueueName: new("orders-dlq")})
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := q.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{
		QueueUrl: url.QueueUrl, MessageAttributeNames: []string{"Quayside.DeadLetter"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range out.Messages {
		var note struct {
			Reason   string `json:"reason"`
			Attempts int    `json:"attempts"`
		}
		if err := json.Unmarshal([]byte(*m.MessageAttributes["Quayside.DeadLetter"].StringValue), &note); err != nil {
			fmt.Println(err)
		}
		fmt.Println(*m.Body, "is dead after attempt", note.Attempts, "because of", note.Reason)
	}
	// Output:
	// <nil>
	// a slide rule is dead after attempt 1 because of a slide rule: not sold any more
}
