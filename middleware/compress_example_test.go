package middleware_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

// SQS bills a message per 64 KiB and takes up to 1 MiB: this one would be too large.
func ExampleCompress() {
	ctx, stop := context.WithCancel(context.Background())
	q := localqueue.New() // in production: sqs.NewFromConfig(cfg)
	defer q.Close()
	q.MustCreate("reports")

	p := producer.New(q, "reports", func(o *producer.Options) {
		o.Middleware = append(o.Middleware, middleware.Compress())
	})
	_, err := p.Send(ctx, producer.Message{Body: strings.Repeat("all is well\n", 100_000)})
	fmt.Println("Send:", err)

	h := middleware.Decompress()(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
		fmt.Printf("%d bytes: %.11s ...\n", len(m.Body), m.Body)
		stop()
		return nil
	}))
	fmt.Println("Run:", worker.New(q, "reports", h).Run(ctx))
	// Output:
	// Send: <nil>
	// 1200000 bytes: all is well ...
	// Run: <nil>
}

func ExampleDecompress() {
	h := middleware.Decompress()(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
		fmt.Println(m.Body)
		return nil
	}))
	for _, m := range []*worker.Message{
		{Body: "as it is"},
		{Body: "H4sIAAAAAAACA8tIzcnJBwCGphA2BQAAAA==", Attributes: attributes{"Quayside.Codec": text("gzip")}},
		{Body: "KLUv/QQAKQAAaGVsbG8=", Attributes: attributes{"Quayside.Codec": text("zstd")}},
	} {
		if err := h.Handle(context.Background(), m); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// as it is
	// hello
	// dead-letter: decompress: the attribute Quayside.Codec names the codec "zstd", want "gzip"
}
