package sqshttp_test

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// queue is an SQS endpoint on loopback with one queue, which answers every receive
// at once with ten messages of 1 KB.
type queue struct {
	*httptest.Server
	opened atomic.Int64 // connections so far
}

// newQueue starts a queue. It holds its first requests back until there are so many
// callers at once, so that their connections are open before any is free. (A
// connection that becomes free while another is opened for the same request leaves
// one too many, which is net/http's way of being quick.) The caller closes it.
func newQueue(callers int) *queue {
	q := &queue{Server: httptest.NewUnstartedServer(together(callers, tenMessages()))}
	q.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			q.opened.Add(1)
		}
	}
	q.Start()
	return q
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

// tenMessages answers ReceiveMessage, and nothing else, in AWS JSON 1.0.
func tenMessages() http.HandlerFunc {
	reply := tenMessagesReply()
	return func(w http.ResponseWriter, r *http.Request) {
		if target := r.Header.Get("X-Amz-Target"); target != "AmazonSQS.ReceiveMessage" {
			http.Error(w, "not a receive: "+target, http.StatusBadRequest)
			return
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.Header().Set("Content-Length", strconv.Itoa(len(reply)))
		w.Write(reply)
	}
}

func tenMessagesReply() []byte {
	type message struct{ MessageId, ReceiptHandle, MD5OfBody, Body string }
	var out struct{ Messages []message }
	for i := range 10 {
		text := strings.Repeat(strconv.Itoa(i), 1024)
		sum := md5.Sum([]byte(text))
		out.Messages = append(out.Messages, message{
			MessageId:     fmt.Sprintf("00000000-0000-4000-8000-%012d", i),
			ReceiptHandle: fmt.Sprintf("handle-%d", i),
			MD5OfBody:     hex.EncodeToString(sum[:]),
			Body:          text,
		})
	}
	reply, err := json.Marshal(out)
	if err != nil {
		panic(err) // strings always encode
	}
	return reply
}
