package localqueue_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

// TestSyncedReceive: where receives are to be on the disk before their reply, so is one
// behind which something was written that is not.
func TestSyncedReceive(t *testing.T) {
	t.Parallel()
	for _, strict := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			disk := journaltest.New()
			s, err := localqueue.OpenOn(disk, func(o *localqueue.Options) { o.SegmentSize, o.SyncReceives = 256<<10, strict })
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			s.MustCreate("q")
			synctest.Wait()
			block, answered := make(chan struct{}), false
			disk.During(func(string) { <-block })
			go func() {
				if err := s.Append("q", engine.KindReceive, engine.KindMove); err != nil {
					t.Error(err)
				}
				answered = true
			}()
			synctest.Wait()
			if answered == strict {
				t.Errorf("receives synced %t: answered before the sync %t", strict, answered)
			}
			disk.During(nil)
			close(block)
			synctest.Wait()
			if !answered {
				t.Error("never answered")
			}
		})
	}
}

// TestFailedLogRests: a move task stops for good when the log has ended.
func TestFailedLogRests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newChoked(t)
		c.MustCreate("other -> q-dlq")
		for range 100 {
			if err := c.send("q-dlq"); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := c.StartMessageMoveTask(ctx, &sqs.StartMessageMoveTaskInput{
			SourceArn: aws.String("arn:aws:sqs:us-east-1:000000000000:q-dlq"), DestinationArn: aws.String("arn:aws:sqs:us-east-1:000000000000:q"),
			MaxNumberOfMessagesPerSecond: aws.Int32(1),
		}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		c.fill()
		time.Sleep(5 * time.Second)
		if !c.Armed("q-dlq") {
			t.Error("it does not wait for room")
		}
		c.broken.Store(true)
		time.Sleep(5 * time.Second)
		if c.Err() == nil || c.Armed("q-dlq") {
			t.Errorf("the log has ended with %v; the task's timer is set: %t", c.Err(), c.Armed("q-dlq"))
		}
	})
}
