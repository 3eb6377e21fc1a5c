package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/spf13/cobra"

	"github.com/quayside-go/quayside/localqueue"
)

// restarts has a queue of the flag, whose dead-letter queue it names, and one of the file.
const restarts = "queues:\n  - name: mail\n    attributes: { VisibilityTimeout: 60 }\n    deadLetterQueue: mail-dlq\n  - mail-dlq\n"

// TestServeAgain stops a server and starts it with the same command line: messages and receipt
// handles are as they were, and so is what clients have set since, unless the command line says
// otherwise.
func TestServeAgain(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "queues")
	flags := []string{"--dir", dir, "--queue", "orders -> orders-dlq", "--queue", "jobs.fifo", "--queues", write(t, "queues.yaml", restarts)}
	r := start(t, flags...)
	if !strings.Contains(r.said, "\n# kept in "+dir+": nothing was there\n") {
		t.Errorf("said:\n%s", r.said)
	}
	c, orders := r.client(), r.queue("orders")
	var ids []string
	for _, body := range []string{"one", "two", "three"} {
		out, err := c.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &orders, MessageBody: &body})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, *out.MessageId)
	}
	first := receive(t, c, orders)
	set(t, c, orders, "DelaySeconds", "7")
	set(t, c, orders, "RedrivePolicy", `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:orders-dlq","maxReceiveCount":"9"}`)
	set(t, c, r.queue("mail"), "RedrivePolicy", `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:mail-dlq","maxReceiveCount":"8"}`)
	set(t, c, r.queue("mail"), "VisibilityTimeout", "90")
	set(t, c, r.queue("mail"), "DelaySeconds", "4")
	if status := r.stop(); status != exitOK {
		t.Fatalf("exit status %d:\n%s", status, r.log)
	}

	r = start(t, flags...)
	if !strings.Contains(r.said, "\n# kept in "+dir+": 5 queues with 3 messages were there\n") || !strings.Contains(r.said, "(5 queues)") {
		t.Errorf("said:\n%s", r.said)
	}
	c, orders = r.client(), r.queue("orders")
	for _, want := range []struct{ queue, name, value string }{
		{"orders", "DelaySeconds", "7"},
		{"orders", "RedrivePolicy", `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:orders-dlq","maxReceiveCount":9}`},
		{"orders", "ApproximateNumberOfMessagesNotVisible", "1"},
		{"mail", "RedrivePolicy", `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:mail-dlq","maxReceiveCount":8}`},
		{"mail", "VisibilityTimeout", "60"}, // the file says so
		{"mail", "DelaySeconds", "4"},
	} {
		out, err := c.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
			QueueUrl: aws.String(r.queue(want.queue)), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := out.Attributes[want.name]; got != want.value {
			t.Errorf("%s of %s is %s, want %s", want.name, want.queue, got, want.value)
		}
	}
	if *first.MessageId != ids[0] {
		t.Errorf("received %s first, want %s", *first.MessageId, ids[0])
	}
	if _, err := c.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &orders, ReceiptHandle: first.ReceiptHandle}); err != nil {
		t.Errorf("delete by a handle of before: %v", err)
	}
	for _, want := range ids[1:] {
		if m := receive(t, c, orders); *m.MessageId != want {
			t.Errorf("received %s, want %s", *m.MessageId, want)
		}
	}
	if status := r.stop(); status != exitOK {
		t.Errorf("exit status %d:\n%s", status, r.log)
	}
	for _, part := range []string{"msg=recovered dir=" + dir + " queues=5 messages=3 ", "msg=stopped"} {
		if !strings.Contains(r.log.String(), part) {
			t.Errorf("the log lacks %q:\n%s", part, r.log)
		}
	}
}

// queue is the URL of a queue.
func (r *running) queue(name string) string { return r.url() + "/000000000000/" + name }

// receive returns the one message that is next.
func receive(t *testing.T, c *sqs.Client, queue string) types.Message {
	t.Helper()
	out, err := c.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &queue})
	if err != nil || len(out.Messages) != 1 {
		t.Fatalf("received %v, %v", out, err)
	}
	return out.Messages[0]
}

func set(t *testing.T, c *sqs.Client, queue, name, value string) {
	t.Helper()
	_, err := c.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: &queue, Attributes: map[string]string{name: value}})
	if err != nil {
		t.Fatal(err)
	}
}

// TestServeInUse starts a second server on a directory, and looks into it meanwhile.
func TestServeInUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	start(t, "--dir", dir)
	for _, command := range [][]string{{"serve", "--addr", "127.0.0.1:0", "--dir", dir}, {"inspect", dir}, {"verify", dir}} {
		var stdout, stderr bytes.Buffer
		status := run(t.Context(), command, &stdout, &stderr)
		want := fmt.Sprintf("%s: in use by process %d; stop that one, or choose another directory\n", dir, os.Getpid())
		if status != exitFailure || !strings.HasSuffix(stderr.String(), want) || strings.Count(stderr.String(), "\n") != 1 || stdout.Len() > 0 {
			t.Errorf("%s: exit status %d, standard output %q, standard error:\n%swant:\n%s", command[0], status, &stdout, &stderr, want)
		}
	}
}

// TestCreateWaits starts a server whose queue was deleted a moment before it stopped.
func TestCreateWaits(t *testing.T) {
	t.Parallel()
	for _, s := range []struct {
		setup
		specs []string
	}{
		{setup{}, []string{"orders -> orders-dlq"}},
		{setup{queues: mustParse(t, "queues:\n  - orders\n")}, nil},
	} {
		synctest.Test(t, func(t *testing.T) {
			q := newEngine(t)
			q.MustCreate("orders")
			if _, err := q.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: aws.String("orders")}); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			var log bytes.Buffer
			stopped, stop := context.WithTimeout(t.Context(), 5*time.Second)
			defer stop()
			if err := s.create(stopped, q, s.specs, slog.New(slog.NewTextHandler(&log, nil))); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("stopped while it waits: %v", err)
			}
			if err := s.create(t.Context(), q, s.specs, slog.New(slog.NewTextHandler(&log, nil))); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took < 59*time.Second || took > 62*time.Second {
				t.Errorf("it took %v", took)
			}
			attributes(t, q, "orders") // is there
			if n := strings.Count(log.String(), "QueueDeletedRecently"); n != 2 {
				t.Errorf("the log says so %d times, want once for each start:\n%s", n, &log)
			}
		})
	}
}

// TestSync reads flags as they are given.
func TestSync(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]localqueue.Options{
		"":                              {Sync: localqueue.SyncAlways},
		"--sync always":                 {Sync: localqueue.SyncAlways},
		"--sync never":                  {Sync: localqueue.SyncNever},
		"--sync 1m30s":                  {Sync: localqueue.SyncInterval(90 * time.Second)},
		"--sync always --sync-receives": {SyncReceives: true},
	} {
		var f diskFlags
		cmd := &cobra.Command{}
		f.register(cmd)
		if err := cmd.ParseFlags(append(strings.Fields(args), "--dir", "data")); err != nil {
			t.Fatal(err)
		}
		if err := f.check(); err != nil {
			t.Fatal(err)
		}
		var got localqueue.Options
		f.options(&got)
		if got.Sync != want.Sync || got.SyncReceives != want.SyncReceives {
			t.Errorf("%s: %d, %t, want %d, %t", args, got.Sync, got.SyncReceives, want.Sync, want.SyncReceives)
		}
	}
}
