package localqueue_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/sqshttp"
)

// A Server is called like an *sqs.Client.
func Example() {
	ctx := context.Background()
	q := localqueue.New()
	defer q.Close()
	q.MustCreate("orders -> orders-dlq")

	if _, err := q.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl:    aws.String("orders"), // or the URL that CreateQueue and GetQueueUrl return
		MessageBody: aws.String("hello"),
	}); err != nil {
		log.Fatal(err)
	}
	out, err := q.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String("orders"), WaitTimeSeconds: 20})
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range out.Messages {
		fmt.Println(*m.Body)
		if _, err := q.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: aws.String("orders"), ReceiptHandle: m.ReceiptHandle}); err != nil {
			log.Fatal(err)
		}
	}
	// Output: hello
}

// Errors are the SDK's own, so code that tells them apart needs no change.
func ExampleServer_errors() {
	q := localqueue.New()
	defer q.Close()
	_, err := q.GetQueueUrl(context.Background(), &sqs.GetQueueUrlInput{QueueName: aws.String("missing")})
	if _, ok := errors.AsType[*types.QueueDoesNotExist](err); ok {
		fmt.Println(err)
	}
	// Output: operation error SQS: GetQueueUrl, AWS.SimpleQueueService.NonExistentQueue: The specified queue does not exist.
}

// FIFO queues keep the order of a message group and drop duplicates.
func ExampleServer_Create_fifo() {
	ctx := context.Background()
	q := localqueue.New()
	defer q.Close()
	q.MustCreate("jobs.fifo")
	for _, body := range []string{"first", "second", "first"} {
		if _, err := q.SendMessage(ctx, &sqs.SendMessageInput{
			QueueUrl: aws.String("jobs.fifo"), MessageBody: &body,
			MessageGroupId: aws.String("customer-42"), MessageDeduplicationId: &body,
		}); err != nil {
			log.Fatal(err)
		}
	}
	out, err := q.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String("jobs.fifo"), MaxNumberOfMessages: 10})
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range out.Messages {
		fmt.Println(*m.Body)
	}
	// Output:
	// first
	// second
}

// A Server is an http.Handler, so tests of programs that take an endpoint need no
// other server; a client in another language finds it at server.URL.
func ExampleServer_ServeHTTP() {
	ctx := context.Background()
	q := localqueue.New()
	defer q.Close()
	server := httptest.NewServer(q)
	defer server.Close()

	client := sqs.New(sqs.Options{
		BaseEndpoint: aws.String(server.URL),
		Region:       "us-east-1",
		Credentials:  aws.AnonymousCredentials{}, // no keys: signatures are not checked
		HTTPClient:   sqshttp.New(),
	})
	created, err := client.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("orders")})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: created.QueueUrl, MessageBody: aws.String("hello")}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(q.Stats()[0].Visible, "message in", q.Stats()[0].Name)
	// Output: 1 message in orders
}
