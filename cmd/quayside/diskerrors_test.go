package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/localqueue"
)

type closer func() error

func (c closer) Close() error { return c() }

func TestDiskErrors(t *testing.T) {
	t.Parallel()
	f := diskFlags{dir: "data"}
	lost, ended := errors.New("input/output error"), errors.New("serve: no more")
	for _, c := range []struct {
		close, ended error
		want         string
	}{
		{nil, nil, "<nil>"},
		{nil, ended, "serve: no more"},
		{lost, nil, "--dir data: closing: input/output error"},
		{lost, ended, "serve: no more; --dir data: closing: input/output error"},
	} {
		if got := fmt.Sprint(f.close(closer(func() error { return c.close }), c.ended)); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{io.ErrNoProgress, io.ErrNoProgress.Error()},
		{fmt.Errorf("localqueue: %w", io.ErrNoProgress), io.ErrNoProgress.Error()},
		{fmt.Errorf("open: %w", &localqueue.InUseError{Dir: "data"}), "in use by another process; stop that one, or choose another directory"},
		{fmt.Errorf("open: %w", localqueue.ErrFull), "there is no room on the disk: make room there, then start again"},
		{errors.Join(localqueue.ErrFull, syscall.EMFILE), "the log cannot grow: too many open files: end that, then start again"},
		{fmt.Errorf("open: %w", &localqueue.DamageError{File: "0000002a.log", Offset: 77, Reason: "a checksum is wrong"}),
			"damaged: 0000002a.log at byte 77: a checksum is wrong; nothing was changed: `quayside verify 'my data'` reads all of it"},
	} {
		if got := diskError("my data", c.err).Error(); !strings.HasPrefix(got, c.want) {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// TestNoDirectory starts a server on a file.
func TestNoDirectory(t *testing.T) {
	t.Parallel()
	file := write(t, "queues", "")
	var stdout, stderr bytes.Buffer
	status := run(t.Context(), []string{"serve", "--addr", "127.0.0.1:0", "--dir", file}, &stdout, &stderr)
	if want := fmt.Sprintf("quayside: --dir %s: %s is not a directory\n", file, file); status != exitFailure || stderr.String() != want {
		t.Errorf("exit status %d:\n%swant:\n%s", status, &stderr, want)
	}
}

// TestSmallSegments are refused, since a message must fit one.
func TestSmallSegments(t *testing.T) {
	t.Parallel()
	_, err := localqueue.Open(t.TempDir(), func(o *localqueue.Options) { o.SegmentSize = 2<<20 - 1 })
	if want := "localqueue: Options.SegmentSize is 2097151: it must be at least 2097152 (2 MiB), so that each message fits"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestLargestInSmallSegments sends the largest message where segments are the smallest.
func TestLargestInSmallSegments(t *testing.T) {
	t.Parallel()
	q, err := localqueue.Open(t.TempDir(), func(o *localqueue.Options) { o.SegmentSize = 2 << 20 })
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	q.MustCreate("a.fifo")
	for i := range 5 {
		in := &sqs.SendMessageInput{
			QueueUrl: aws.String("a.fifo"), MessageGroupId: aws.String(strings.Repeat("g", 128)), MessageDeduplicationId: aws.String(fmt.Sprintf("%0128d", i)),
			MessageBody: aws.String(strings.Repeat("x", 1<<20-1000)),
			MessageAttributes: map[string]types.MessageAttributeValue{
				strings.Repeat("k", 250): {DataType: aws.String("String"), StringValue: aws.String(strings.Repeat("v", 744))},
			},
		}
		if _, err := q.SendMessage(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCreateWithoutRoom has what a full disk makes of queues that the command line names.
func TestCreateWithoutRoom(t *testing.T) {
	t.Parallel()
	full := &smithy.OperationError{ServiceID: "SQS", OperationName: "CreateQueue", Err: fmt.Errorf("localqueue: no room, and it goes on by itself: %w", localqueue.ErrFull)}
	if got, want := refusal(fmt.Errorf("create queue: %w", full)).Error(), "there is no room on the disk: make room there, then start again"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestFileMissing takes the file away that says what queues there are.
func TestFileMissing(t *testing.T) {
	t.Parallel()
	dir := kept(t)
	q, err := localqueue.Open(dir, func(o *localqueue.Options) { o.SegmentSize = 2 << 20 })
	if err != nil {
		t.Fatal(err)
	}
	body := strings.Repeat("x", 1<<20)
	for range 4 {
		if _, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String("orders"), MessageBody: &body}); err != nil {
			t.Fatal(err)
		}
	}
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	first := filepath.Join(dir, "00000001.log")
	taken, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(first); err != nil {
		t.Fatal(err)
	}
	refused := func(want string) {
		t.Helper()
		for _, c := range [][]string{{"serve", "--addr", "127.0.0.1:0", "--dir", dir}, {"inspect", dir}} {
			var stdout, stderr bytes.Buffer
			status := run(t.Context(), c, &stdout, &stderr)
			command := "--dir"
			if c[0] == "inspect" {
				command = "inspect"
			}
			want := fmt.Sprintf("quayside: %s %s: %s", command, dir, want)
			if status != exitFailure || !strings.HasPrefix(stderr.String(), want) {
				t.Errorf("exit status %d:\n%swant:\n%s", status, &stderr, want)
			}
		}
	}
	refused("damaged: 00000001.log at byte 0: the file is missing, but manifest.")
	for _, name := range []string{"manifest.0", "manifest.1"} { // to go on with what is there
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "manifest.0"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	before := listed(t, dir)
	for range 2 {
		refused("of 1 queues, nothing says what queue 1 is; a file is missing, or is another directory's: put back what was there, or restore a backup\n")
	}
	if after := listed(t, dir); !maps.Equal(before, after) {
		t.Errorf("a start that was refused left %v of %v", slices.Sorted(maps.Keys(after)), slices.Sorted(maps.Keys(before)))
	}
	if err := os.WriteFile(first, taken, 0o600); err != nil { // as told
		t.Fatal(err)
	}
	for range 2 {
		q, err := localqueue.Open(dir, func(o *localqueue.Options) { o.SegmentSize = 2 << 20 })
		if err != nil {
			t.Fatal(err)
		}
		if r := q.Recovery(); r.Queues != 2 || r.Messages != 7 {
			t.Errorf("%d queues, %d messages", r.Queues, r.Messages)
		}
		if err := q.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// listed is what there is in a directory, but for who has it.
func listed(t *testing.T, dir string) map[string]string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if f.Name() != "lock" {
			all[f.Name()] = string(b)
		}
	}
	return all
}

// TestServeDamaged spoils a message while the server runs: the others are handed out, and
// the log says which one was not.
func TestServeDamaged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := start(t, "--dir", dir, "--queue", "orders")
	c, orders := r.client(), r.queue("orders")
	var ids []string
	for _, body := range []string{"needle-1", "needle-2", "needle-3"} {
		out, err := c.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &orders, MessageBody: &body})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, *out.MessageId)
	}
	file, at := spoil(t, dir, "needle-2")
	receive := func() ([]types.Message, error) {
		out, err := c.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &orders, MaxNumberOfMessages: 10, VisibilityTimeout: 1},
			func(o *sqs.Options) { o.RetryMaxAttempts = 1 })
		if err != nil {
			return nil, err
		}
		return out.Messages, nil
	}
	got, err := receive()
	if err != nil || len(got) != 2 || *got[0].MessageId != ids[0] || *got[1].MessageId != ids[2] {
		t.Errorf("received %+v, %v", got, err)
	}
	for _, m := range got {
		if _, err := c.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &orders, ReceiptHandle: m.ReceiptHandle}); err != nil {
			t.Error(err)
		}
	}
	for err == nil { // until it comes again, alone
		_, err = c.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &orders, WaitTimeSeconds: 20}, func(o *sqs.Options) { o.RetryMaxAttempts = 1 })
	}
	for _, part := range []string{
		`level=WARN msg="a message cannot be read, and was not handed out" queue=orders message=` + ids[1] + " file=" + file + " offset=",
		`level=WARN msg="requests fail" action=ReceiveMessage queue=orders error=InternalFailure why="read messages of queue orders: localqueue: ` + file + " is damaged at byte ",
	} {
		if !strings.Contains(r.log.String(), part) {
			t.Errorf("the log lacks %s:\n%s", part, r.log)
		}
	}
	if _, page := get(t, r.url()+"/metrics"); !strings.Contains(page, `sqs_number_of_messages_damaged_total{account="000000000000",queue="orders",region="us-east-1"} 2`) {
		t.Errorf("/metrics does not count it; the damage is before byte %d", at)
	}
}
