package localqueue_test

import (
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

// TestMoveTaskKeepsPace: a move task that could not act for an hour goes on at its rate,
// without catching up.
func TestMoveTaskKeepsPace(t *testing.T) {
	t.Parallel()
	const messages, rate = 200, 5
	for _, halt := range []string{"nothing ran", "the disk was full"} {
		synctest.Test(t, func(t *testing.T) {
			disk := journaltest.New()
			s, err := localqueue.OpenOn(disk, small)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			s.MustCreate("a -> a-dlq", "to")
			for range messages {
				send(t, s, "a-dlq", "x")
			}
			if _, err := s.StartMessageMoveTask(ctx, &sqs.StartMessageMoveTaskInput{
				SourceArn: aws.String("arn:aws:sqs:us-east-1:000000000000:a-dlq"), DestinationArn: aws.String("arn:aws:sqs:us-east-1:000000000000:to"),
				MaxNumberOfMessagesPerSecond: aws.Int32(rate),
			}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10*time.Second - time.Millisecond)
			if moved := counted(t, s, "to"); moved != 10*rate {
				t.Fatalf("%d messages were moved in ten seconds", moved)
			}
			switch halt {
			case "nothing ran":
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Hour)
				if s, err = localqueue.OpenOn(disk, small); err != nil {
					t.Fatal(err)
				}
			case "the disk was full":
				var full atomic.Bool
				full.Store(true)
				disk.Before(func(_ int, op journaltest.Op, _ string) error {
					if op == journaltest.Write && full.Load() {
						return syscall.ENOSPC
					}
					return nil
				})
				time.Sleep(time.Hour)
				full.Store(false)
			}
			before := counted(t, s, "to")
			for second := range 20 {
				time.Sleep(time.Second - time.Nanosecond)
				now := counted(t, s, "to")
				if n := now - before; n > rate || second > 2 && n < rate-1 {
					t.Errorf("%s: second %d after that: %d messages were moved", halt, second+1, n)
				}
				before = now
				time.Sleep(time.Nanosecond)
			}
		})
	}
}
