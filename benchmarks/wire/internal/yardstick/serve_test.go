package yardstick_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/process"
	"github.com/quayside-go/quayside/benchmarks/wire/internal/lean"
	"github.com/quayside-go/quayside/benchmarks/wire/internal/yardstick"
)

// started runs a yardstick until the test ends, and connects to it.
func started(t *testing.T, kind string) (*lean.Conn, string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	said, says := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- yardstick.Serve(ctx, says, kind, 100) }()
	line := make([]byte, 200)
	n, err := said.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	addr, ok := strings.CutPrefix(strings.TrimSpace(string(line[:n])), process.Announcement)
	if !ok {
		t.Fatalf("it said %q", line[:n])
	}
	conn, err := lean.Dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		stop()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	if err := conn.Expire(10 * time.Second); err != nil {
		t.Fatal(err)
	}
	return conn, addr
}

func TestServe(t *testing.T) {
	t.Parallel()
	const (
		send    = `{"QueueUrl":"q","MessageBody":"hello"}`
		receive = `{"QueueUrl":"q","MaxNumberOfMessages":3}`
	)
	for _, c := range []struct {
		kind, action, body string
		status             int
		member             string // whose occurrences are counted
		count              int
	}{
		{"raw", "SendMessage", send, 200, "MessageId", 1},
		{"fixed", "SendMessage", send, 200, "MessageId", 1},
		{"fixed", "SendMessage", "no JSON", 200, "MessageId", 1},
		{"fixed", "ReceiveMessage", receive, 200, "ReceiptHandle", 10},
		{"ceiling", "SendMessage", send, 200, "MessageId", 1},
		{"ceiling", "SendMessage", "no JSON", 400, "MessageId", 0},
		{"ceiling", "SendMessage", `{"DelaySeconds":"x"}`, 400, "MessageId", 0},
		{"ceiling", "SendMessageBatch", `{"Entries":[{"Id":"a","MessageBody":"x"}]}`, 200, "MessageId", 10},
		{"ceiling", "ReceiveMessage", receive, 200, "ReceiptHandle", 3},
		{"ceiling", "ReceiveMessage", `{"QueueUrl":"q"}`, 200, "Body", 1},
		{"ceiling", "ReceiveMessage", `{"MaxNumberOfMessages":-1}`, 200, "Body", 0},
		{"ceiling", "DeleteMessage", `{"ReceiptHandle":"h"}`, 200, "Id", 0},
		{"ceiling", "DeleteMessageBatch", `{"Entries":[{"Id":"a"}]}`, 200, "Id", 10},
		{"ceiling", "CreateQueue", `{"QueueName":"q"}`, 200, "QueueUrl", 1},
	} {
		t.Run(c.kind+" "+c.action, func(t *testing.T) {
			t.Parallel()
			conn, addr := started(t, c.kind)
			request := lean.NewHead(addr, c.action, true).Append(nil, []byte(c.body))
			for range 2 { // the connection stays usable
				reply, err := conn.Do(request)
				if err != nil {
					t.Fatal(err)
				}
				if got := len(lean.Find(nil, reply.Body, c.member)); reply.Status != c.status || got != c.count {
					t.Errorf("%s: status %d, %d times %s; want %d, %d:\n%s", c.body, reply.Status, got, c.member, c.status, c.count, reply.Body)
				}
				if c.member == "Body" && c.count > 0 && !bytes.Contains(reply.Body, bytes.Repeat([]byte("m"), 100)) {
					t.Errorf("no body of 100 bytes in %s", reply.Body)
				}
			}
		})
	}
}

func TestServeUnknown(t *testing.T) {
	t.Parallel()
	if err := yardstick.Serve(t.Context(), io.Discard, "sonic", 1); err == nil {
		t.Error("served a yardstick that there is not")
	}
}
