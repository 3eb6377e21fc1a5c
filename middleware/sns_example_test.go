package middleware_test

import (
	"context"
	"fmt"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/worker"
)

// The handler decodes what was published, whatever SNS has put around it.
func ExampleSNS() {
	type Order struct{ ID string }
	unwrap := middleware.SNS(func(o *middleware.SNSOptions) {
		o.Topics = []string{"arn:aws:sns:us-east-2:111122223333:Orders"}
	})
	h := unwrap(worker.JSON(func(ctx context.Context, o Order) error {
		m, _ := worker.FromContext(ctx)
		e, _ := middleware.SNSOf(m)
		fmt.Printf("order %s, %s, published at %v\n", o.ID, m.Type, e.Timestamp)
		return nil
	}))

	// In a program: worker.New(client, "orders", h).Run(ctx)
	for _, body := range []string{`{
		"Type": "Notification",
		"MessageId": "dc1e94d9-56c5-5e96-808d-cc7f68faa162",
		"TopicArn": "arn:aws:sns:us-east-2:111122223333:Orders",
		"Message": "{\"ID\":\"42\"}",
		"Timestamp": "2026-02-16T21:41:19.978Z",
		"MessageAttributes": {"Quayside.Type": {"Type": "String", "Value": "order.paid"}}
	}`, `{"ID":"43"}`} {
		if err := h.Handle(context.Background(), &worker.Message{Body: body}); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// order 42, order.paid, published at 2026-02-16 21:41:19.978 +0000 UTC
	// dead-letter: SNS: the body is not an SNS envelope: it lacks Type, MessageId, TopicArn or Message
}
