package worker_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/worker"
)

// Messages that something else has received are handled by the rules of a worker. Here
// nothing is asked of SQS, as there is no client.
func ExampleHost() {
	h := worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
		if m.Body == "late" {
			return worker.RetryAfter(time.Minute, errors.New("too early"))
		}
		return nil
	})
	host, err := worker.NewHost(nil, "orders", h, worker.HostOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	session := host.Open(context.Background())
	var settled []worker.Settlement
	for _, body := range []string{"42", "late"} {
		m := session.Message(types.Message{MessageId: &body, Body: &body}, time.Now())
		session.Deliver(context.Background(), m, func(s worker.Settlement) { settled = append(settled, s) })
	}
	session.Settle(settled)
	for _, s := range settled {
		fmt.Println(s.Message.ID, s.Outcome, s.Again, "to be deleted:", s.Finished())
	}
	// Output:
	// 42 done 0s to be deleted: true
	// late failed 1m0s to be deleted: false
}
