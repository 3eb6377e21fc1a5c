package main

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// childVariable makes the test binary the command itself.
const childVariable = "QUAYSIDE_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") != "" {
		beFunction()
		return
	}
	if os.Getenv(childVariable) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestServeKilled kills a server while clients send, as kill -9 does, and starts another on its
// directory: every message that was answered is there, and none twice.
func TestServeKilled(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{"always", "1h", "never"} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			answered := sendUntilKilled(t, dir, policy)
			r := start(t, "--dir", dir, "--sync", policy)
			if !strings.Contains(r.said, "\n# kept in "+dir+": 1 queue with ") {
				t.Errorf("said:\n%s", r.said)
			}
			c := r.client()
			received := make(map[string]bool)
			for {
				out, err := c.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: aws.String(r.queue("orders")), MaxNumberOfMessages: 10})
				if err != nil {
					t.Fatal(err)
				}
				if len(out.Messages) == 0 {
					break
				}
				for _, m := range out.Messages {
					if body, ok := answered[*m.MessageId]; ok && body != *m.Body {
						t.Errorf("message %s says %s, want %s", *m.MessageId, *m.Body, body)
					}
					if received[*m.MessageId] {
						t.Errorf("received %s twice", *m.Body)
					}
					received[*m.MessageId] = true
					delete(answered, *m.MessageId)
				}
			}
			if len(answered) > 0 {
				t.Errorf("lost: %v", answered)
			}
		})
	}
}

// sendUntilKilled runs a server in a process of its own and sends to it from eight clients until it
// is killed in the middle. It returns the bodies that were answered, by id.
func sendUntilKilled(t *testing.T, dir, policy string) map[string]string {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "serve", "--addr", "127.0.0.1:0", "--dir", dir, "--sync", policy, "--queue", "orders")
	child.Env = append(os.Environ(), childVariable+"=1")
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	r := &running{exports: make(map[string]string)}
	for lines := bufio.NewScanner(stdout); r.exports["AWS_SECRET_ACCESS_KEY"] == "" && lines.Scan(); {
		if name, value, ok := strings.Cut(strings.TrimPrefix(lines.Text(), "export "), "="); ok {
			r.exports[name] = value
		}
	}
	var mu sync.Mutex
	answered := make(map[string]string)
	c, queue := r.client(), r.queue("orders")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var clients sync.WaitGroup
	for n := range 8 {
		clients.Go(func() {
			for i := 0; ; i++ {
				body := strconv.Itoa(n) + "/" + strconv.Itoa(i)
				out, err := c.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: &body}, func(o *sqs.Options) { o.RetryMaxAttempts = 1 })
				if err != nil {
					return
				}
				mu.Lock()
				answered[*out.MessageId] = body
				if len(answered) == 300 {
					if err := child.Process.Kill(); err != nil {
						t.Error(err)
					}
				}
				mu.Unlock()
			}
		})
	}
	clients.Wait()
	if err := child.Wait(); err == nil || child.ProcessState.Exited() && child.ProcessState.ExitCode() == 0 {
		t.Fatalf("it was not killed: %v", child.ProcessState)
	}
	if len(answered) < 300 {
		t.Fatalf("only %d messages were answered", len(answered))
	}
	return answered
}
