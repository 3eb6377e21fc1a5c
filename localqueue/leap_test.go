package localqueue_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

// TestNumbersOfLostMessages: a power failure takes messages that were sent since the start,
// so that the log ends as the last Close left it. Nobody else gets their numbers.
func TestNumbersOfLostMessages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		disk := journaltest.New()
		open := func(on *journaltest.Disk) *localqueue.Server {
			t.Helper()
			s, err := localqueue.OpenOn(on, func(o *localqueue.Options) { o.SegmentSize, o.Sync = 2<<20, localqueue.SyncNever })
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		sent := 0
		send := func(s *localqueue.Server) string {
			t.Helper()
			sent++
			out, err := s.SendMessage(ctx, &sqs.SendMessageInput{
				QueueUrl: aws.String("a.fifo"), MessageBody: aws.String("x"), MessageGroupId: aws.String("g"),
				MessageDeduplicationId: aws.String(fmt.Sprint(sent)),
			})
			if err != nil {
				t.Fatal(err)
			}
			return *out.SequenceNumber
		}
		s := open(disk)
		s.MustCreate("a.fifo")
		first := send(s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(disk)
		lost := send(s)
		left := disk.Kill().Crash(0) // nothing lands
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(left)
		if n := s.Recovery().Messages; n != 1 || s.Recovery().Cut != "" {
			t.Fatalf("%d messages, cut %q", n, s.Recovery().Cut)
		}
		next := send(s)
		if next <= lost || lost <= first {
			t.Errorf("numbers %s, %s which was lost, %s", first, lost, next)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
