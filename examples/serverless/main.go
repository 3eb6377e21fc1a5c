// Serverless runs one handler twice: as an AWS Lambda function, by `quayside run`, which is
// Lambda's SQS trigger on this machine, and as a worker. Both get the same orders, and make the
// same of them.
//
//	go run ./examples/serverless
//
// The handler is in package shipping; function and service are the two programs around it.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/quayside-go/quayside/examples/serverless/shipping"
	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/producer"
)

var orders = []shipping.Order{
	{ID: "1", Address: "Quay 1"},
	{ID: "2", Address: "moving"},
	{ID: "3"},
	{ID: "4", Address: "Quay 4"},
	{ID: "5", Address: "cancelled"},
	{ID: "6", Address: "Quay 6"},
}

// steps is how many lines the handler writes about them.
const steps = 7

func main() {
	if err := show(context.Background(), os.Stdout); err != nil {
		log.Fatal("serverless: ", err)
	}
}

// show builds the programs, has each handle the orders, and prints what became of them.
func show(ctx context.Context, w io.Writer) error {
	dir, err := os.MkdirTemp("", "serverless-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	p, err := build(ctx, dir)
	if err != nil {
		return err
	}

	q := localqueue.New() // in production: SQS
	defer q.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s := &http.Server{Handler: q}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	defer func() { // nothing is under way any more
		s.Close()
		<-served
	}()
	endpoint := "http://" + l.Addr().String()

	function := []string{p.quayside, "run", "--endpoint", endpoint, "--queue", "function", "--quiet", "--exec", p.function}
	if err := drive(ctx, w, q, endpoint, "function", function); err != nil {
		return err
	}
	return drive(ctx, w, q, endpoint, "service", []string{p.service, "-queue", "service"})
}

// drive has a program handle the orders, which are in the queue of its name.
func drive(ctx context.Context, w io.Writer, q *localqueue.Server, endpoint, name string, command []string) error {
	q.MustCreate(name + " -> " + name + "-dlq")
	send := producer.For[shipping.Order](producer.New(q, name), "order")
	for _, o := range orders {
		if _, err := send(ctx, o); err != nil {
			return err
		}
	}
	lines, err := run(ctx, command, endpoint, steps)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	left, err := count(ctx, q, name)
	if err != nil {
		return err
	}
	dead, err := count(ctx, q, name+"-dlq")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%-9s %s; %d in the dead-letter queue, %d left\n", name+":", lines, dead, left)
	return err
}
