package sqshttp_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
)

// queue is a local SQS server on loopback with one queue, which answers every
// receive at once with ten messages of 1 KB.
type queue struct {
	*httptest.Server
	sqs    *localqueue.Server
	opened atomic.Int64 // connections so far
}

// Close ends the server and its queue.
func (q *queue) Close() {
	q.Server.Close()
	_ = q.sqs.Close() // never fails
}

// newQueue starts a queue. It holds its first requests back until there are so many
// callers at once, so that their connections are open before any is free. (A
// connection that becomes free while another is opened for the same request leaves
// one too many, which is net/http's way of being quick.) The caller closes it.
func newQueue(callers int) *queue {
	s := localqueue.New()
	fill(s)
	q := &queue{Server: httptest.NewUnstartedServer(together(callers, s)), sqs: s}
	q.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			q.opened.Add(1)
		}
	}
	q.Start()
	return q
}

// fill makes the queue and sends its ten messages. With a visibility timeout of 0
// each receive finds them all.
func fill(s *localqueue.Server) {
	ctx := context.Background()
	_, err := s.CreateQueue(ctx, &sqs.CreateQueueInput{
		QueueName:  aws.String("orders"),
		Attributes: map[string]string{"VisibilityTimeout": "0"},
	})
	for i := 0; i < 10 && err == nil; i++ {
		_, err = s.SendMessage(ctx, &sqs.SendMessageInput{
			QueueUrl:    aws.String("orders"),
			MessageBody: aws.String(strings.Repeat(strconv.Itoa(i), 1024)),
		})
	}
	if err != nil {
		panic(err) // a new server takes ten messages
	}
}

// together holds back the first n requests until all of them are there.
func together(n int, next http.Handler) http.Handler {
	var (
		came atomic.Int64
		all  sync.WaitGroup
	)
	all.Add(n)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if came.Add(1) <= int64(n) {
			all.Done()
			all.Wait()
		}
		next.ServeHTTP(w, r)
	})
}

// client returns an SQS client of q that does not retry.
func (q *queue) client(h sqs.HTTPClient) *sqs.Client {
	return newClient(q.URL, h)
}

func newClient(endpoint string, h sqs.HTTPClient, opts ...func(*sqs.Options)) *sqs.Client {
	return sqs.New(sqs.Options{
		BaseEndpoint: aws.String(endpoint),
		Region:       "us-east-1",
		Credentials:  aws.AnonymousCredentials{},
		Retryer:      aws.NopRetryer{},
		HTTPClient:   h,
	}, opts...)
}

// receive is the request for all that a queue gives at once.
func receive() *sqs.ReceiveMessageInput {
	return &sqs.ReceiveMessageInput{
		QueueUrl:            aws.String("http://localhost/000000000000/orders"),
		MaxNumberOfMessages: 10,
	}
}
