package localqueue_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestStats counts what happened to each queue, and nothing else.
func TestStats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		s.MustCreate("orders -> orders-dlq", "jobs.fifo")
		do := func(action, body string) string {
			t.Helper()
			a := raw(t, s, jsonCall(action, body))
			if a.status != 200 {
				t.Fatalf("%s %s: %s", action, body, masked(a))
			}
			return a.body
		}
		handle := func(reply string) string {
			_, h, _ := strings.Cut(reply, `"ReceiptHandle":"`)
			h, _, _ = strings.Cut(h, `"`)
			return h
		}
		do("SetQueueAttributes", `{"QueueUrl":"orders","Attributes":{"VisibilityTimeout":"0","RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:000000000000:orders-dlq\",\"maxReceiveCount\":1}"}}`)
		do("SendMessage", `{"QueueUrl":"orders","MessageBody":"dies"}`)
		time.Sleep(time.Minute)
		do("ReceiveMessage", `{"QueueUrl":"orders"}`)
		do("ReceiveMessage", `{"QueueUrl":"orders"}`) // moved: an empty receive
		h := handle(do("ReceiveMessage", `{"QueueUrl":"orders-dlq"}`))
		do("ChangeMessageVisibility", `{"QueueUrl":"orders-dlq","ReceiptHandle":"`+h+`","VisibilityTimeout":0}`)
		do("StartMessageMoveTask", `{"SourceArn":"arn:aws:sqs:us-east-1:000000000000:orders-dlq"}`)
		synctest.Wait()
		h = handle(do("ReceiveMessage", `{"QueueUrl":"orders"}`))
		for range 2 { // the second finds nothing
			do("DeleteMessage", `{"QueueUrl":"orders","ReceiptHandle":"`+h+`"}`)
		}
		do("SendMessage", `{"QueueUrl":"orders","MessageBody":"late","DelaySeconds":600}`)
		for range 2 { // the second is a duplicate
			do("SendMessage", `{"QueueUrl":"jobs.fifo","MessageBody":"once","MessageGroupId":"g","MessageDeduplicationId":"d"}`)
		}
		do("PurgeQueue", `{"QueueUrl":"jobs.fifo"}`)
		time.Sleep(3 * time.Second)
		want := []string{
			"jobs.fifo 0/0/0 oldest 0s: sent 1, received 0, empty 0, deleted 0, moved 0",
			"orders 0/0/1 oldest 3s: sent 2, received 2, empty 1, deleted 1, moved 1",
			"orders-dlq 0/0/0 oldest 0s: sent 0, received 1, empty 0, deleted 0, moved 1",
		}
		for i, q := range s.Stats() {
			got := fmt.Sprintf("%s %d/%d/%d oldest %v: sent %d, received %d, empty %d, deleted %d, moved %d",
				q.Name, q.Visible, q.InFlight, q.Delayed, q.OldestMessage, q.Sent, q.Received, q.EmptyReceives, q.Deleted, q.Moved)
			if got != want[i] {
				t.Errorf("got  %s\nwant %s", got, want[i])
			}
		}
	})
}
