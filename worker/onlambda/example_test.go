package onlambda_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/quayside-go/quayside/worker"
	"github.com/quayside-go/quayside/worker/onlambda"
)

// The handler that a worker has runs behind Lambda's trigger. With Options.Client, which a
// real function has (sqs.NewFromConfig(cfg)), the second order would come again in a minute.
func ExampleHandler() {
	type Order struct{ ID string }
	ship := worker.JSON(func(_ context.Context, o Order) error {
		if o.ID == "43" {
			return worker.RetryAfter(time.Minute, errors.New("no address yet"))
		}
		fmt.Println("ship order", o.ID)
		return nil
	})
	function := onlambda.Handler(ship)
	// main has: lambda.Start(function)

	response, err := lambda.NewHandler(function).Invoke(context.Background(), []byte(`{"Records": [
		{"messageId": "a", "body": "{\"ID\":\"42\"}", "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders"},
		{"messageId": "b", "body": "{\"ID\":\"43\"}", "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders"}
	]}`))
	fmt.Println(string(response), err)
	// Output:
	// ship order 42
	// {"batchItemFailures":[{"itemIdentifier":"b"}]} <nil>
}

// What middleware hears on a worker it hears here too: Observe takes options for worker.New.
func ExampleObserve() {
	outcomes := func(o *worker.Options) {
		o.Hook = func(_ context.Context, e worker.Event) {
			if e.Kind == worker.EventHandled {
				fmt.Println(e.Message.ID, e.Outcome)
			}
		}
	}
	function := onlambda.Handler(worker.HandlerFunc(func(context.Context, *worker.Message) error { return worker.Discard(nil) }),
		onlambda.Observe(outcomes))
	function(context.Background(), events.SQSEvent{Records: []events.SQSMessage{
		{MessageId: "a", EventSourceARN: "arn:aws:sqs:eu-west-1:123456789012:orders"},
	}})
	// Output: a discarded
}
