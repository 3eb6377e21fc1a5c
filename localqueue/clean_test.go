package localqueue_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
)

// TestSmallerSegments opens a log with segments that a message in it does not fit:
// it stays where it is, and the others are emptied all the same.
func TestSmallerSegments(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openDurable(t, dir, small, func(o *localqueue.Options) { o.SegmentSize = 1 << 20 })
	s.MustCreate("a", "b")
	long := strings.Repeat("x", 400_000)
	send(t, s, "a", long)
	for range 8 {
		send(t, s, "b", long)
		drain(t, s, "b")
	}
	s = again(t, s, dir, small)
	body := strings.Repeat("x", 10_000)
	for i := range 400 {
		if i%10 == 0 {
			send(t, s, "a", "stays")
		}
		send(t, s, "b", body)
		drain(t, s, "b")
	}
	s.Clean()
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	if n := counts(t, s, "a"); n != "41 visible, 0 in flight, 0 delayed" {
		t.Errorf("left: %s", n)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	found, err := localqueue.Inspect(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all int64
	for _, g := range found.Segments {
		all += g.Bytes
	}
	if all > 2<<20 {
		t.Errorf("%d bytes are left in %d segments", all, len(found.Segments))
	}
}

// TestClockBehindTheLog opens a log that was written later than now: time goes on from
// where the log ended.
func TestClockBehindTheLog(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openDurable(t, dir, small) // now
	s.MustCreate("a")
	send(t, s, "a", "x")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) { // in the year 2000
		s := openDurable(t, dir, small)
		defer s.Close()
		if _, err := s.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: aws.String("a"), VisibilityTimeout: 10}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		receiveOne(t, s, "a")
	})
}
