package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/benchmarks/internal/process"
)

// All requests are HTTP whose body is as long as announced, and JSON.
func TestRequests(t *testing.T) {
	t.Parallel()
	for _, sdk := range []bool{false, true} {
		s := &server{process: &process.Process{Addr: "127.0.0.1:1"}, sdk: sdk}
		q := s.newRequests("orders", []byte("http://127.0.0.1:1/0/orders"), 100)
		for action, request := range map[string][]byte{
			"SendMessage": q.send, "SendMessageBatch": q.sendBatch, "ReceiveMessage": q.receiveTen,
			"GetQueueUrl": q.ask, "DeleteQueue": q.remove,
		} {
			head, body, ok := strings.Cut(string(request), "\r\n\r\n")
			if !ok || !strings.Contains(head, "\r\nX-Amz-Target: AmazonSQS."+action+"\r\n") {
				t.Errorf("%s: head %q", action, head)
			}
			var in struct {
				QueueUrl, QueueName, MessageBody string
				Entries                          []struct{ Id, MessageBody string }
			}
			if err := json.Unmarshal([]byte(body), &in); err != nil {
				t.Errorf("%s: %v in %s", action, err, body)
			}
			if in.QueueUrl != "http://127.0.0.1:1/0/orders" && in.QueueName != "orders" {
				t.Errorf("%s names another queue: %s", action, body)
			}
			if action == "SendMessage" && len(in.MessageBody) != 100 {
				t.Errorf("a message of %d bytes", len(in.MessageBody))
			}
			if action == "SendMessageBatch" && (len(in.Entries) != 10 || len(in.Entries[9].MessageBody) != 100) {
				t.Errorf("%d entries, the last %+v", len(in.Entries), in.Entries[len(in.Entries)-1])
			}
		}
	}
}
