package localqueue_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

// shared is a disk that two queues fill, of which one is consumed then.
type shared struct {
	*localqueue.Server
	t    *testing.T
	disk *journaltest.Disk
	busy int // messages of the queue that is consumed
}

// fill sends tens of messages, every so many of them to busy, until the disk is full or
// enough says so.
func (k *shared) fill(size, every int, enough func() bool) {
	for n := 0; ; n++ {
		queue := "stuck"
		if n%every == 0 {
			queue = "busy"
		}
		in := &sqs.SendMessageBatchInput{QueueUrl: &queue}
		for i := range 10 {
			in.Entries = append(in.Entries, types.SendMessageBatchRequestEntry{Id: aws.String(string(rune('0' + i))), MessageBody: aws.String(body(10*n+i, size))})
		}
		if _, err := k.SendMessageBatch(ctx, in); err != nil || enough() {
			return
		}
		if queue == "busy" {
			k.busy += 10
		}
	}
}

// drain receives and deletes what is in busy, one by one, as there is room.
func (k *shared) drain() {
	x := &tank{t: k.t}
	for k.busy > 0 {
		var got []types.Message
		x.patiently(func() error {
			out, err := k.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String("busy"), MaxNumberOfMessages: 10, VisibilityTimeout: 3600})
			if err == nil {
				got = out.Messages
			}
			return err
		})
		if len(got) == 0 {
			return
		}
		for _, m := range got {
			x.patiently(func() error {
				_, err := k.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: aws.String("busy"), ReceiptHandle: m.ReceiptHandle})
				return err
			})
			k.busy--
		}
	}
}

// rests sees that the cleaner comes to an end, and that there is room.
func (k *shared) rests() {
	time.Sleep(time.Minute)
	before := k.Newest()
	time.Sleep(time.Minute) // nobody does anything
	if n := k.Newest() - before; n > 2 {
		k.t.Errorf("%d segments were written in a minute in which nothing happened", n)
	}
	if _, err := k.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: aws.String("stuck"), MessageBody: aws.String("x")}); err != nil {
		k.t.Error(err)
	}
	if err := k.Check(); err != nil {
		k.t.Error(err)
	}
}

// TestTombstonesOnAFullDisk: what tells of messages that are gone is as large as they were,
// and writing it again gives no room.
func TestTombstonesOnAFullDisk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := &shared{t: t, disk: journaltest.New()}
		k.open(2 << 20)
		defer k.Close()
		k.MustCreate("stuck", "busy")
		synctest.Wait()
		k.disk.Limit(24 << 20)
		k.fill(60, 7, func() bool { return false })
		k.drain()
		k.rests()
	})
}

// TestLargerSegmentsOnAFullDisk: there are segments that are larger than those that are
// made now.
func TestLargerSegmentsOnAFullDisk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := &shared{t: t, disk: journaltest.New()}
		k.open(16 << 20)
		k.MustCreate("stuck", "busy")
		k.fill(20_000, 2, func() bool { return k.Newest() == 3 })
		synctest.Wait()
		if err := k.Close(); err != nil {
			t.Fatal(err)
		}
		k.disk.Limit(40 << 20)
		k.open(2 << 20)
		defer k.Close()
		k.fill(20_000, 2, func() bool { return false })
		k.drain()
		k.rests()
		if _, err := k.PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: aws.String("stuck")}); err != nil {
			t.Error(err)
		}
	})
}

func (k *shared) open(segment int64) {
	s, err := localqueue.OpenOn(k.disk, func(o *localqueue.Options) { o.SegmentSize = segment })
	if err != nil {
		k.t.Fatal(err)
	}
	k.Server = s
}

// TestThinDeletesOnAFullDisk consumes one message in twenty, all over the log: the deletes
// take more than they free, until they are written together.
func TestThinDeletesOnAFullDisk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := &shared{t: t, disk: journaltest.New()}
		k.open(2 << 20)
		defer k.Close()
		k.MustCreate("stuck", "busy")
		synctest.Wait()
		k.disk.Limit(100 << 20)
		k.fill(20, 20, func() bool { return false })
		if k.busy < 10_000 {
			t.Fatalf("only %d messages are to be consumed", k.busy)
		}
		k.drain()
		k.rests()
	})
}
