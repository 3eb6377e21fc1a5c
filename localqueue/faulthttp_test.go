package localqueue_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/sqshttp"
)

// TestFaultsOverSockets: a connection that a fault breaks is one that an SDK client opens
// anew, to try again; what is lent is not given back, and OnRequest learns of it.
func TestFaultsOverSockets(t *testing.T) {
	t.Parallel()
	for _, kind := range []localqueue.FaultKind{localqueue.LostRequest, localqueue.LostReply} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			told := make(chan localqueue.Request, 10)
			s := newServer(t, func(o *localqueue.Options) { o.OnRequest = func(r localqueue.Request) { told <- r } })
			s.MustCreate("orders")
			server := httptest.NewServer(s)
			defer server.Close()
			client := sqs.New(sqs.Options{
				BaseEndpoint: &server.URL, Region: "us-east-1", Credentials: aws.AnonymousCredentials{}, HTTPClient: sqshttp.New(),
				Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
					o.MaxAttempts, o.Backoff = 3, retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
				}),
			})
			x := &troubled{client, s, t, t.Context()}
			x.send("orders", "a")
			if r := <-told; r.Err != nil || r.Status != 200 {
				t.Errorf("told of a send without faults: %+v", r)
			}
			x.set(always(kind, 0))
			if _, err := x.tryReceive("orders", 0); err == nil {
				t.Errorf("receive: %v", err)
			}
			for range 3 { // tries
				if r := <-told; r.Err == nil || r.Action != "ReceiveMessage" || r.Queue != "orders" || r.Status != 0 {
					t.Errorf("told of a broken connection: %+v", r)
				}
			}
			if kind == localqueue.LostReply {
				x.holds("orders", 0, 1)
			} else {
				x.holds("orders", 1, 0)
			}
		})
	}
}
