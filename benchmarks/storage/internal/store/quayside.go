package store

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
)

// queueName is the queue that callers use.
const queueName = "bench"

// server is localqueue as a Store.
type server struct{ *localqueue.Server }

func openMemory(string, int64) (Store, error) { return newServer(localqueue.New()) }

func openQuayside(dir string, segment int64) (Store, error) {
	s, err := localqueue.Open(dir, func(o *localqueue.Options) { o.SegmentSize = segment })
	if err != nil {
		return nil, err
	}
	return newServer(s)
}

// newServer makes the queue if it is not there. Its messages stay invisible for longer than any run.
func newServer(s *localqueue.Server) (Store, error) {
	_, err := s.CreateQueue(context.Background(), &sqs.CreateQueueInput{
		QueueName: new(queueName), Attributes: map[string]string{"VisibilityTimeout": "43200"},
	})
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return &server{s}, nil
}

func (s *server) Handler() http.Handler { return s.Server }
func (s *server) Caller() Caller        { return newServerCaller(s.Server, queueName) }

func (s *server) Found() (int, int64) {
	r := s.Recovery()
	return r.Messages, r.Bytes
}

// serverCaller makes calls as a program with an SDK client makes them.
type serverCaller struct {
	server *localqueue.Server
	bodies bodies
	queue  *string
	taken  []types.Message
	batch  []types.SendMessageBatchRequestEntry
	drops  []types.DeleteMessageBatchRequestEntry
}

var ids = [10]string{"m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9"}

func newServerCaller(s *localqueue.Server, queue string) *serverCaller {
	return &serverCaller{server: s, bodies: newBodies(), queue: &queue}
}

func (c *serverCaller) Put(n int) error { return c.put(n, nil, nil) }

// put sends n messages, at most ten. The functions, if there are any, change the entries.
func (c *serverCaller) put(n int, one func(*sqs.SendMessageInput), each func(*types.SendMessageBatchRequestEntry)) error {
	ctx := context.Background()
	if n == 1 {
		in := sqs.SendMessageInput{QueueUrl: c.queue, MessageBody: new(c.bodies.text())}
		if one != nil {
			one(&in)
		}
		_, err := c.server.SendMessage(ctx, &in)
		return err
	}
	c.batch = c.batch[:0]
	for i := range n {
		e := types.SendMessageBatchRequestEntry{Id: &ids[i], MessageBody: new(c.bodies.text())}
		if each != nil {
			each(&e)
		}
		c.batch = append(c.batch, e)
	}
	out, err := c.server.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: c.queue, Entries: c.batch})
	if err != nil {
		return err
	}
	return whole(out.Failed)
}

func (c *serverCaller) Take(n int) (int, error) {
	out, err := c.server.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{
		QueueUrl: c.queue, MaxNumberOfMessages: int32(n),
	})
	if err != nil {
		return 0, err
	}
	c.taken = out.Messages
	for _, m := range c.taken {
		if len(*m.Body) != BodySize {
			return 0, errBody
		}
	}
	return len(c.taken), nil
}

func (c *serverCaller) Drop() error {
	ctx := context.Background()
	switch len(c.taken) {
	case 0:
		return nil
	case 1:
		_, err := c.server.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: c.queue, ReceiptHandle: c.taken[0].ReceiptHandle})
		return err
	}
	c.drops = c.drops[:0]
	for i, m := range c.taken {
		c.drops = append(c.drops, types.DeleteMessageBatchRequestEntry{Id: &ids[i], ReceiptHandle: m.ReceiptHandle})
	}
	out, err := c.server.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: c.queue, Entries: c.drops})
	if err != nil {
		return err
	}
	return whole(out.Failed)
}

// whole is an error if some entries of a batch failed.
func whole(failed []types.BatchResultErrorEntry) error {
	if len(failed) == 0 {
		return nil
	}
	f := failed[0]
	text := "no reason given"
	if f.Code != nil && f.Message != nil {
		text = *f.Code + ": " + *f.Message
	}
	return fmt.Errorf("%d entries of a batch failed, the first with %s", len(failed), text)
}
