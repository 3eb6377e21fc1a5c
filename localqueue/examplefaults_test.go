package localqueue_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
)

// A handler that charges a card has to do so once, whatever happens to the messages: some
// are sent twice, because the reply to the first send was lost, and some are delivered to
// two consumers. Nothing here is random: each run meets the same faults.
func ExampleServer_SetFaults() {
	ctx, queue := context.Background(), aws.String("payments")
	q := localqueue.New()
	defer q.Close()
	q.MustCreate("payments")
	if err := q.SetFaults(localqueue.Faults{Seed: 10, Rules: []localqueue.Fault{
		{Kind: localqueue.Duplicate, Rate: 0.2},
		{Kind: localqueue.LostReply, Action: "SendMessage", Rate: 0.2},
	}}); err != nil {
		log.Fatal(err)
	}

	for i := range 10 {
		in := &sqs.SendMessageInput{QueueUrl: queue, MessageBody: aws.String(fmt.Sprint("payment ", i))}
		_, err := q.SendMessage(ctx, in)
		for errors.As(err, new(net.Error)) { // *sqs.Client tries again by itself
			_, err = q.SendMessage(ctx, in)
		}
		if err != nil {
			log.Fatal(err)
		}
	}

	charges, calls := map[string]int{}, 0
	handle := func(payment string) {
		calls++
		if charges[payment] == 0 { // without this line some are charged twice
			charges[payment]++
		}
	}
	var received []types.Message
	for range 2 { // consumers
		out, err := q.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: queue, MaxNumberOfMessages: 10})
		if err != nil {
			log.Fatal(err)
		}
		received = append(received, out.Messages...)
	}
	for _, m := range received {
		handle(*m.Body)
		if _, err := q.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: queue, ReceiptHandle: m.ReceiptHandle}); err != nil {
			log.Fatal(err)
		}
	}
	total := 0
	for _, n := range charges {
		total += n
	}
	fmt.Printf("%d calls charged %d payments %d times\n", calls, len(charges), total)
	// Output: 14 calls charged 10 payments 10 times
}
