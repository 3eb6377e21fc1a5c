// Batch sends messages in the three ways there are, and counts the requests that they take.
//
//	go run ./examples/batch
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/producer"
)

type Order struct{ ID int }

// distant is a queue as far away as SQS is.
type distant struct{ *localqueue.Server }

func (d distant) SendMessageBatch(ctx context.Context, in *sqs.SendMessageBatchInput, opts ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	select {
	case <-time.After(5 * time.Millisecond):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return d.Server.SendMessageBatch(ctx, in, opts...)
}

func main() {
	if err := show(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func show(ctx context.Context, out io.Writer) error {
	q := localqueue.New() // in production: sqs.NewFromConfig(cfg), and no MustCreate
	defer q.Close()
	q.MustCreate("orders")

	var requests atomic.Int64
	p := producer.New(distant{q}, "orders", func(o *producer.Options) {
		o.Hook = func(_ context.Context, e producer.Event) {
			if e.Action == "SendMessageBatch" {
				requests.Add(1)
			}
		}
	})
	for _, way := range []struct {
		name string
		send func(context.Context, *producer.Producer) (sent int, err error)
	}{{"SendAll", all}, {"SendAsync", async}, {"Send", each}} {
		before := requests.Load()
		sent, err := way.send(ctx, p)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: %d messages sent, %s\n", way.name, sent, full(sent, requests.Load()-before))
	}

	// One that is wrong is not sent, and takes no other with it.
	results, err := p.SendAll(ctx, producer.JSON(Order{1}), producer.Message{}, producer.JSON(Order{3}))
	fmt.Fprintln(out, err)
	for i, r := range results {
		fmt.Fprintf(out, "message %d: sent %t\n", i, r.Err == nil)
	}
	return p.Close(ctx)
}

// all sends what is at hand at once.
func all(ctx context.Context, p *producer.Producer) (int, error) {
	var ms []producer.Message
	for i := range 1000 {
		ms = append(ms, producer.JSON(Order{i}))
	}
	results, err := p.SendAll(ctx, ms...)
	return len(results), err
}

// async sends what comes one by one, and looks at the answers later.
func async(ctx context.Context, p *producer.Producer) (sent int, err error) {
	var all []*producer.Pending
	for i := range 1000 {
		all = append(all, p.SendAsync(ctx, producer.JSON(Order{i})))
	}
	for _, pending := range all {
		if _, err := pending.Wait(ctx); err != nil {
			return sent, err
		}
		sent++
	}
	return sent, nil
}

// each is a hundred requests being served, say, each of which sends a message and waits for
// its answer: they share requests.
func each(ctx context.Context, p *producer.Producer) (int, error) {
	var sent atomic.Int64
	var failed atomic.Value
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			for j := range 10 {
				if _, err := p.Send(ctx, producer.JSON(Order{10*i + j})); err != nil {
					failed.Store(err)
					return
				}
				sent.Add(1)
			}
		})
	}
	wg.Wait()
	err, _ := failed.Load().(error)
	return int(sent.Load()), err
}

// full says how many messages were in a request.
func full(messages int, requests int64) string {
	if n := float64(messages) / float64(requests); n < 5 {
		return fmt.Sprintf("only %.1f in a request", n)
	}
	return "more than 5 in a request"
}
