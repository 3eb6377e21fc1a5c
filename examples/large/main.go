// Large sends a file that SQS would not take, of 50 MiB unless one is named, and has a worker
// compute its checksum as it reads it: the queue carries a pointer, and a directory the file.
//
//	go run ./examples/large [FILE]
package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/producer/payload"
	"github.com/quayside-go/quayside/worker"
)

const size = 50 << 20

func main() {
	log.SetFlags(0)
	log.SetPrefix("large: ")
	dir, err := os.MkdirTemp("", "large")
	if err != nil {
		log.Fatal(err)
	}
	file := filepath.Join(dir, "file")
	if len(os.Args) > 1 {
		file = os.Args[1]
	} else {
		err = fill(file)
	}
	if err == nil {
		err = show(context.Background(), os.Stdout, file, filepath.Join(dir, "bodies"))
	}
	os.RemoveAll(dir)
	if err != nil {
		log.Fatal(err)
	}
}

// fill makes a file of random bytes.
func fill(name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if _, err := io.CopyN(f, rand.NewChaCha8([32]byte{}), size); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// show sends the file through a queue, and has its body kept in dir meanwhile.
func show(ctx context.Context, w io.Writer, file, dir string) error {
	q := localqueue.New() // in production: sqs.NewFromConfig(cfg), and no MustCreate
	defer q.Close()
	q.MustCreate("files -> files-dlq")
	store, err := payload.OpenDir(dir, "bodies") // in production: s3.New(client, "my-bucket")
	if err != nil {
		return err
	}
	defer store.Close()

	p := producer.New(q, "files", func(o *producer.Options) {
		o.Middleware = append(o.Middleware, payload.Offload(store, binary))
	})
	if err := send(ctx, w, p, file); err != nil {
		return err
	}
	if err := receive(ctx, w, q, middleware.Payload(store, stream)); err != nil {
		return err
	}
	left, err := os.ReadDir(dir)
	fmt.Fprintf(w, "left     %d files\n", len(left))
	return err
}

func binary(o *payload.Options) { o.Binary = true } // the file need not be text

func stream(o *middleware.PayloadOptions) { o.Stream = true } // nor fit into memory, here

func send(ctx context.Context, w io.Writer, p *producer.Producer, file string) error {
	body, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if _, err := p.Send(ctx, producer.Message{Body: string(body), Type: "file"}); err != nil {
		return err
	}
	fmt.Fprintf(w, "sent     %x %d bytes\n", sha256.Sum256(body), len(body))
	return nil
}

// receive handles one message.
func receive(ctx context.Context, w io.Writer, q worker.Client, bodies *middleware.Payloads) error {
	ctx, stop := context.WithCancel(ctx) // a service runs until Ctrl-C
	defer stop()
	sum := func(ctx context.Context, m *worker.Message) error {
		r, size, err := middleware.OpenPayload(ctx, m)
		if err != nil {
			return err
		}
		defer r.Close()
		h := sha256.New()
		if _, err := io.Copy(h, r); err != nil {
			return err
		}
		fmt.Fprintf(w, "received %x %d bytes, by a message of %d\n", h.Sum(nil), size, len(*m.SDK().Body))
		stop()
		return nil
	}
	h := bodies.Handler(worker.HandlerFunc(sum))
	return worker.New(q, "files", h, bodies.Worker).Run(ctx) // with bodies.Worker, what is done is deleted
}
