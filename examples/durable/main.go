// Durable sends orders in a process that is killed, and receives them in another: the same messages,
// with the same ids.
//
//	go run ./examples/durable
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/producer"
)

type Order struct{ Number int }

func main() {
	ctx := context.Background()
	if len(os.Args) == 3 && os.Args[1] == "send" {
		send(ctx, os.Args[2])
	}
	dir, err := os.MkdirTemp("", "durable")
	check(err)
	defer func() { check(os.RemoveAll(dir)) }()

	self, err := os.Executable()
	check(err)
	said, err := exec.Command(self, "send", dir).Output()
	fmt.Print(string(said))
	fmt.Println("the process that sent them ended:", err)
	receive(ctx, dir)
}

// open opens the queues in dir, which is made if it is not there.
func open(dir string) *localqueue.Server {
	q, err := localqueue.Open(dir, func(o *localqueue.Options) { o.SegmentSize = 2 << 20 })
	check(err)
	q.MustCreate("orders -> orders-dlq") // does nothing if they are there
	return q
}

// send sends three orders and is killed: nothing is closed, nothing is written any more.
func send(ctx context.Context, dir string) {
	p := producer.New(open(dir), "orders")
	for n := range 3 {
		sent, err := p.Send(ctx, producer.JSON(Order{n + 1}))
		check(err) // it has returned, so the order is on the disk
		fmt.Println("sent", sent.ID)
	}
	process, err := os.FindProcess(os.Getpid())
	check(err)
	check(process.Kill()) // as kill -9 does
	select {}
}

// receive prints the orders that are there, and deletes them.
func receive(ctx context.Context, dir string) {
	q := open(dir)
	r := q.Recovery()
	fmt.Println("found again:", r.Queues, "queues,", r.Messages, "messages")
	queue := aws.String("orders")
	out, err := q.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: queue, MaxNumberOfMessages: 10})
	check(err)
	for _, m := range out.Messages {
		fmt.Println("received", *m.MessageId, *m.Body)
		_, err := q.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: queue, ReceiptHandle: m.ReceiptHandle})
		check(err)
	}
	check(q.Close())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
