// Middleware composes five policies around a handler that fails four of five messages, each
// in another way, and shows what becomes of them.
//
//	go run ./examples/middleware
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

var bodies = []string{"fine", "flaky", "slow", "panics", "hopeless"}

func main() {
	if err := show(context.Background(), os.Stdout); err != nil {
		log.Fatal("middleware: ", err)
	}
}

// show has the messages handled, and prints a line for each, and what is in the
// dead-letter queue at the end.
func show(ctx context.Context, w io.Writer) error {
	q := localqueue.New() // in production: sqs.NewFromConfig(cfg), and no MustCreate
	defer q.Close()
	q.MustCreate("jobs -> jobs-dlq")
	p := producer.New(q, "jobs")
	for _, body := range bodies {
		if _, err := p.Send(ctx, producer.Message{Body: body}); err != nil {
			return err
		}
	}

	ctx, stop := context.WithCancel(ctx)
	defer stop()
	handled := 0
	h := worker.Chain(
		middleware.Log(logger(w), withBodies).Handler, // sees what comes of it in the end
		middleware.DeadLetter(3),                      // decides on what Retry lets through
		middleware.Retry(shortly),                     // calls all of the below again
		middleware.Timeout(50*time.Millisecond),
		middleware.Recover(), // next to the handler: its panic is an error for all of the above
	)(worker.HandlerFunc(handle))
	jobs := worker.New(q, "jobs", h, func(o *worker.Options) {
		o.Concurrency = 1 // one after the other, for the eye
		o.Hook = func(_ context.Context, e worker.Event) {
			if e.Kind != worker.EventHandled {
				return
			}
			if handled++; handled == len(bodies) {
				stop() // a service runs until Ctrl-C
			}
		}
	})
	if err := jobs.Run(ctx); err != nil {
		return err
	}
	return printDead(context.WithoutCancel(ctx), w, q)
}

func withBodies(o *middleware.LogOptions) { o.Body = true }

// shortly has what fails tried again after 5 ms, while the message is kept.
func shortly(o *middleware.RetryOptions) {
	o.InProcess = time.Second
	o.BackOff = func(error) backoff.BackOff {
		return backoff.WithMaxRetries(backoff.NewConstantBackOff(5*time.Millisecond), 2)
	}
}

// handle does what the message says.
func handle(ctx context.Context, m *worker.Message) error {
	switch m.Body {
	case "flaky":
		if m.Attempts < 3 {
			return errors.New("no connection")
		}
	case "slow":
		<-ctx.Done()
		return ctx.Err()
	case "panics":
		panic("nil map")
	case "hopeless":
		return backoff.Permanent(errors.New("no such customer"))
	}
	return nil
}

// printDead prints the bodies in the dead-letter queue and why they are there.
func printDead(ctx context.Context, w io.Writer, q *localqueue.Server) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	dead := 0
	return worker.New(q, "jobs-dlq", worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
		fmt.Fprintf(w, "dead: %s: %s\n", m.Body, reason(m))
		if dead++; dead == 3 {
			stop()
		}
		return nil
	}), func(o *worker.Options) { o.Concurrency = 1 }).Run(ctx)
}

// logger logs without what differs from run to run.
func logger(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			switch a.Key {
			case slog.TimeKey, "id", "duration", "stack", "receives", "queue":
				return slog.Attr{}
			}
			return a
		},
	}))
}
