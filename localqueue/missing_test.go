package localqueue_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
)

// TestMissingFile: a directory that lacks a file is refused, by Open and by Inspect, which
// name it; an empty manifest.0 says on purpose that what is left is what there is.
func TestMissingFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	opts := func(o *localqueue.Options) { o.SegmentSize, o.Sync = 256<<10, localqueue.SyncNever }
	s, err := localqueue.Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	s.MustCreate("q")
	const sent = 900
	for range sent {
		if _, err := s.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: aws.String("q"), MessageBody: aws.String(strings.Repeat("x", 1000))}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "00000002.log")); err != nil {
		t.Fatal(err)
	}
	var told *localqueue.DamageError
	if _, err := localqueue.Open(dir, opts); !errors.As(err, &told) || told.File != "00000002.log" || !strings.Contains(told.Reason, "is missing") {
		t.Fatalf("open: %v", err)
	}
	found, err := localqueue.Verify(dir)
	if err != nil || found.Damage == nil || *found.Damage != *told {
		t.Fatalf("verify: %v, %v; open says %v", found.Damage, err, told)
	}
	if n := len(found.Segments); n < 3 {
		t.Errorf("%d segments are listed", n)
	}
	for _, name := range []string{"manifest.0", "manifest.1"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := localqueue.Open(dir, opts); !errors.As(err, &told) || !strings.Contains(told.Reason, "make an empty file manifest.0") {
		t.Fatalf("without a manifest: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "manifest.0"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	found, err = localqueue.Verify(dir)
	if err != nil || found.Damage != nil {
		t.Fatalf("verify what is left: %v, %v", found.Damage, err)
	}
	for range 2 {
		if s, err = localqueue.Open(dir, opts); err != nil {
			t.Fatal(err)
		}
		if n := s.Recovery().Messages; n != found.Messages || n < sent/3 || n > sent-100 {
			t.Errorf("%d of %d messages are left, and Verify counts %d", n, sent, found.Messages)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
