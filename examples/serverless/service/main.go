// Service is the handler as a worker: a process that runs until it is told to stop.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/examples/serverless/shipping"
	"github.com/quayside-go/quayside/sqshttp"
	"github.com/quayside-go/quayside/worker"
)

func main() {
	queue := flag.String("queue", "orders", "the queue's `name` or URL")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		log.Fatal("service: ", err)
	}
	client := sqs.NewFromConfig(cfg, func(o *sqs.Options) { o.HTTPClient = sqshttp.New() })
	if err := worker.New(client, *queue, shipping.Handler()).Run(ctx); err != nil {
		log.Fatal("service: ", err)
	}
}
