package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// childVariable makes the test binary the program itself, and says where it dies: at the n-th event
// of a kind ("opened 3."), or not at all (".").
const childVariable = "CHECKSUMS_CHILD"

func TestMain(m *testing.M) {
	if death := os.Getenv(childVariable); death != "" {
		os.Exit(runChild(death, os.Args[1], os.Args[2], os.Args[3]))
	}
	os.Exit(m.Run())
}

// runChild is the program with a short lease, and with a trace of what it does.
func runChild(death, tree, state, trace string) int {
	f, err := os.OpenFile(trace, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return exitFailed
	}
	c := &child{trace: f}
	fmt.Sscanf(strings.TrimSuffix(death, "."), "%s %d", &c.kind, &c.left)
	return checksums(context.Background(), settings{
		dir: tree, state: state, concurrency: 4, lease: time.Second, open: c.open,
		connect: func(queue, state string) (broker, error) {
			b, err := connect(queue, state)
			return dying{b, c}, err
		},
		queue: "memory",
	}, c, os.Stderr)
}

// child counts events, and dies at one of them.
type child struct {
	trace *os.File
	kind  string

	mu   sync.Mutex
	left int
}

func (c *child) event(kind string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if kind != c.kind {
		return
	}
	if c.left--; c.left == 0 {
		self, err := os.FindProcess(os.Getpid())
		if err == nil {
			err = self.Kill()
		}
		if err != nil {
			panic(err)
		}
		select {} // with the lock held: nothing goes on
	}
}

// note adds to the trace; what is written there outlives the process.
func (c *child) note(what, path string) {
	if _, err := fmt.Fprintf(c.trace, "%s %s\n", what, path); err != nil {
		panic(err)
	}
}

func (c *child) open(path string) (io.ReadCloser, error) {
	c.note("opened", path)
	c.event("opened")
	f, err := openFile(path)
	return traced{f, c}, err
}

// Write is that of standard output.
func (c *child) Write(p []byte) (int, error) {
	n, err := os.Stdout.Write(p)
	c.event("written")
	return n, err
}

type traced struct {
	io.ReadCloser
	c *child
}

func (r traced) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	r.c.event("read")
	return n, err
}

// dying is a broker that tells the child what is asked of it.
type dying struct {
	broker
	c *child
}

func (d dying) CreateQueue(ctx context.Context, in *sqs.CreateQueueInput, opts ...func(*sqs.Options)) (*sqs.CreateQueueOutput, error) {
	out, err := d.broker.CreateQueue(ctx, in, opts...)
	d.c.event("created")
	return out, err
}

func (d dying) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, opts ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	out, err := d.broker.ReceiveMessage(ctx, in, opts...)
	if err == nil && strings.HasSuffix(*in.QueueUrl, "-jobs") {
		d.c.event("received")
	}
	return out, err
}

func (d dying) SendMessageBatch(ctx context.Context, in *sqs.SendMessageBatchInput, opts ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	out, err := d.broker.SendMessageBatch(ctx, in, opts...)
	if err != nil || strings.HasSuffix(*in.QueueUrl, "-jobs") {
		d.c.event("sent")
		return out, err
	}
	for _, e := range in.Entries {
		var r result
		if err := json.Unmarshal([]byte(*e.MessageBody), &r); err != nil {
			return nil, err
		}
		d.c.note("known", string(r.Path))
	}
	d.c.event("reported")
	return out, err
}

func (d dying) DeleteMessageBatch(ctx context.Context, in *sqs.DeleteMessageBatchInput, opts ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error) {
	jobs := strings.HasSuffix(*in.QueueUrl, "-jobs")
	if jobs {
		d.c.event("deleting")
	}
	out, err := d.broker.DeleteMessageBatch(ctx, in, opts...)
	if jobs {
		d.c.event("deleted")
	}
	return out, err
}

func (d dying) Close() error {
	d.c.event("closing")
	return d.broker.Close()
}
