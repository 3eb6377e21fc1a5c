package localqueue_test

import (
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
)

// patiently calls f until it is not refused for lack of room any more.
func (k *tank) patiently(f func() error) {
	for range 100 {
		err := f()
		if err == nil {
			return
		}
		if !errors.Is(err, localqueue.ErrFull) {
			k.t.Fatal(err)
		}
		time.Sleep(time.Second)
	}
	k.t.Fatal("the disk stays full")
}

// receiveAll takes all messages, patiently, and is their handles in no order.
func (k *tank) receiveAll() (handles []string) {
	for more := true; more; {
		k.patiently(func() error {
			out, err := k.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String("q"), MaxNumberOfMessages: 10, VisibilityTimeout: 43200})
			if err != nil {
				return err
			}
			for _, m := range out.Messages {
				handles = append(handles, *m.ReceiptHandle)
			}
			more = len(out.Messages) > 0
			return nil
		})
	}
	r := rand.New(rand.NewPCG(1, 2))
	r.Shuffle(len(handles), func(i, j int) { handles[i], handles[j] = handles[j], handles[i] })
	return handles
}

// TestDeletesMakeRoom fills a disk of its own, on which there is nothing else to be
// removed, and deletes messages all over it.
func TestDeletesMakeRoom(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ segments, size int64 }{{20, 24_000}, {20, 480_000}, {6, 24_000}, {5, 480_000}, {4, 160_000}} {
		synctest.Test(t, func(t *testing.T) {
			k := newTankOf(t, 2<<20)
			k.disk.Limit(c.segments * k.size)
			k.fill(int(c.size))
			handles := k.receiveAll()
			if len(handles) != len(k.left) {
				t.Fatalf("%d of %d received", len(handles), len(k.left))
			}
			kept := len(handles) / 20
			for _, h := range handles[kept:] {
				k.patiently(func() error {
					_, err := k.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: aws.String("q"), ReceiptHandle: &h})
					return err
				})
			}
			k.patiently(func() error { return k.send(int(c.size)) })
			if err := k.Check(); err != nil {
				t.Error(err)
			}
			clear(k.left)
			for range 20 { // it is full only if nothing makes room any more
				k.fill(int(c.size))
				time.Sleep(time.Second)
			}
			if more := len(k.left); more < len(handles)-kept-len(handles)/4 {
				t.Errorf("%d messages had room, and %d when %d were left", len(handles), more, kept)
			}
			if err := k.Close(); err != nil {
				t.Error(err)
			}
			if t.Failed() {
				t.Errorf("%d segments, bodies of %d bytes", c.segments, c.size)
			}
		})
	}
}

// TestChangesLeaveRoom changes visibility on a full disk for ever: what that writes is
// needed no more when it is changed again; and a queue can be purged all the same.
func TestChangesLeaveRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := newTankOf(t, 2<<20)
		k.disk.Limit(8 * k.size)
		k.fill(24_000)
		handles := k.receiveAll()
		refused := 0
		for i := range 100_000 {
			_, err := k.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
				QueueUrl: aws.String("q"), ReceiptHandle: &handles[i%100], VisibilityTimeout: int32(1000 + i%1000),
			})
			switch {
			case errors.Is(err, localqueue.ErrFull):
				refused++
				time.Sleep(time.Second)
			case err != nil:
				t.Fatal(err)
			}
		}
		if refused > 100 {
			t.Errorf("%d changes were refused", refused)
		}
		if _, err := k.PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: aws.String("q")}); err != nil {
			t.Fatal(err)
		}
		clear(k.left)
		k.patiently(func() error { return k.send(24_000) })
		k.finish(false)
	})
}

// TestReserve receives as much as there is room for: deletes go on, and so does a purge.
func TestReserve(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := newTankOf(t, 2<<20)
		k.disk.Limit(4 * k.size)
		k.fill(200)
		var handles []string
		for {
			out, err := k.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String("q"), MaxNumberOfMessages: 10, VisibilityTimeout: 43200})
			if errors.Is(err, localqueue.ErrFull) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			if len(out.Messages) == 0 { // the cleaner was faster
				break
			}
			for _, m := range out.Messages {
				handles = append(handles, *m.ReceiptHandle)
			}
		}
		if len(handles) < 500 {
			t.Fatalf("only %d messages could be received", len(handles))
		}
		for _, h := range handles[:500] {
			if _, err := k.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: aws.String("q"), ReceiptHandle: &h}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := k.PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: aws.String("q")}); err != nil {
			t.Fatal(err)
		}
		clear(k.left)
		k.patiently(func() error { return k.send(200) })
		k.finish(false)
	})
}
