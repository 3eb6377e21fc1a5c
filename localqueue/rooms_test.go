package localqueue_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

// manyQueues is how many calls wait for one sync.
const manyQueues = 40

// TestRoomWhileSyncing: calls that have written and wait for the disk hold no room, so
// that no segments are made for them.
func TestRoomWhileSyncing(t *testing.T) {
	t.Parallel()
	arn := func(name string) *string { return aws.String("arn:aws:sqs:us-east-1:000000000000:" + name) }
	for name, call := range map[string]func(s *localqueue.Server, i int) error{
		"CreateQueue": func(s *localqueue.Server, i int) error {
			_, err := s.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String(fmt.Sprint("new", i))})
			return err
		},
		"DeleteQueue": func(s *localqueue.Server, i int) error {
			_, err := s.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: aws.String(fmt.Sprint("q", i))})
			return err
		},
		"TagQueue": func(s *localqueue.Server, i int) error {
			_, err := s.TagQueue(ctx, &sqs.TagQueueInput{QueueUrl: aws.String(fmt.Sprint("q", i)), Tags: map[string]string{"k": "v"}})
			return err
		},
		"StartMessageMoveTask": func(s *localqueue.Server, i int) error {
			_, err := s.StartMessageMoveTask(ctx, &sqs.StartMessageMoveTaskInput{SourceArn: arn(fmt.Sprint("dlq", i))})
			return err
		},
		"CancelMessageMoveTask": func(s *localqueue.Server, i int) error {
			_, err := s.CancelMessageMoveTask(ctx, &sqs.CancelMessageMoveTaskInput{TaskHandle: handles(s, i)})
			return err
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			disk := journaltest.New()
			s, err := localqueue.OpenOn(disk, func(o *localqueue.Options) { o.SegmentSize = 512 << 10 })
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			for i := range manyQueues {
				s.MustCreate(fmt.Sprintf("q%d -> dlq%d", i, i))
				if name == "CancelMessageMoveTask" {
					startSlowly(t, s, fmt.Sprint("dlq", i))
				}
			}
			synctest.Wait()
			block := make(chan struct{})
			disk.During(func(name string) {
				if name == "00000001.log" {
					<-block
				}
			})
			before := len(disk.Files())
			var calls sync.WaitGroup
			for i := range manyQueues {
				calls.Go(func() {
					if err := call(s, i); err != nil {
						t.Errorf("%s: %v", name, err)
					}
				})
				synctest.Wait() // until it waits for the sync, or for room
			}
			if now := len(disk.Files()); now != before {
				t.Errorf("%s: there were %d files and are %d", name, before, now)
			}
			close(block)
			calls.Wait()
		})
	}
}

// startSlowly starts a move task that lasts.
func startSlowly(t *testing.T, s *localqueue.Server, queue string) {
	t.Helper()
	for range 3 {
		send(t, s, queue, "x")
	}
	_, err := s.StartMessageMoveTask(ctx, &sqs.StartMessageMoveTaskInput{
		SourceArn: aws.String("arn:aws:sqs:us-east-1:000000000000:" + queue), DestinationArn: aws.String("arn:aws:sqs:us-east-1:000000000000:q0"),
		MaxNumberOfMessagesPerSecond: aws.Int32(1),
	})
	if err != nil {
		t.Fatal(err)
	}
}

// handles is the handle of the task from dead-letter queue i.
func handles(s *localqueue.Server, i int) *string {
	list := s.Tasks(fmt.Sprint("dlq", i))
	return &list[0]
}
