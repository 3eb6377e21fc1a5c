package localqueue_test

import (
	"errors"
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

// tank is a server on a disk that gets full, and what it has accepted.
type tank struct {
	*localqueue.Server
	t    *testing.T
	disk *journaltest.Disk
	size int64           // of a segment
	left map[string]bool // ids of messages that have to be there
	sent int
}

func newTank(t *testing.T) *tank { return newTankOf(t, 256<<10) }

func newTankOf(t *testing.T, segment int64) *tank {
	k := &tank{t: t, disk: journaltest.New(), size: segment, left: map[string]bool{}}
	k.open()
	k.MustCreate("q")
	synctest.Wait()
	return k
}

func (k *tank) open() {
	s, err := localqueue.OpenOn(k.disk, func(o *localqueue.Options) { o.SegmentSize = k.size })
	if err != nil {
		k.t.Fatal(err)
	}
	k.Server = s
}

func (k *tank) send(size int) error {
	out, err := k.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: aws.String("q"), MessageBody: aws.String(body(k.sent, size))})
	k.sent++
	if err == nil {
		k.left[*out.MessageId] = true
	}
	return err
}

// fill sends until the disk is full.
func (k *tank) fill(size int) {
	for range 100_000 {
		switch err := k.send(size); {
		case errors.Is(err, localqueue.ErrFull):
			return
		case err != nil:
			k.t.Fatalf("a full disk is told as %v", err)
		}
	}
	k.t.Fatal("the disk is never full")
}

// take receives and deletes n messages, or all. A receive that the cleaner has not made
// room for yet is made again a little later; it must not take more than a few times.
func (k *tank) take(n int, others bool) {
	for tries := 0; n > 0; {
		out, err := k.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String("q"), MaxNumberOfMessages: int32(min(n, 10)), VisibilityTimeout: 3600})
		if tries++; errors.Is(err, localqueue.ErrFull) && tries < 10 {
			time.Sleep(100 * time.Millisecond)
			synctest.Wait()
			continue
		}
		if err != nil {
			k.t.Fatalf("receive: %v", err)
		}
		if tries = 0; len(out.Messages) == 0 {
			return
		}
		for _, m := range out.Messages {
			if n--; !sound(*m.Body) || !k.left[*m.MessageId] && !others {
				k.t.Fatalf("received %q, which was deleted or not accepted", *m.Body)
			}
			if _, err := k.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: aws.String("q"), ReceiptHandle: m.ReceiptHandle}); err != nil {
				k.t.Fatalf("delete: %v", err)
			}
			delete(k.left, *m.MessageId)
		}
	}
}

// finish sees that there is room, and that nothing was lost.
func (k *tank) finish(others bool) {
	time.Sleep(2 * time.Second)
	synctest.Wait()
	if err := k.send(500); err != nil {
		k.t.Errorf("with room again: %v", err)
	}
	for range 2 { // and after a restart
		if err := k.Check(); err != nil {
			k.t.Error(err)
		}
		if err := k.Close(); err != nil {
			k.t.Fatal(err)
		}
		k.open()
	}
	k.take(k.sent, others)
	if len(k.left) > 0 {
		k.t.Errorf("%d messages were lost", len(k.left))
	}
	if err := k.Close(); err != nil {
		k.t.Error(err)
	}
}

// TestNoRoom fills the disk: senders are told, receives and deletes go on, and so does
// everything once there is room, wherever that comes from.
func TestNoRoom(t *testing.T) {
	t.Parallel()
	for name, relief := range map[string]func(k *tank){
		"the disk grows":          func(k *tank) { k.disk.Limit(-1) },
		"the consumer catches up": func(k *tank) { k.take(k.sent, false) },
		"the process ends": func(k *tank) {
			k.disk.Limit(-1)
			dead := k.Server
			k.disk = k.disk.Kill()
			k.open()
			_ = dead.Close()
		},
	} {
		for _, size := range []int{300, 3000, 60000} {
			synctest.Test(t, func(t *testing.T) {
				k := newTank(t)
				k.disk.Limit(600 << 10)
				k.fill(size)
				k.take(len(k.left)/4, false)
				if err := k.Check(); err != nil {
					t.Error(err)
				}
				relief(k)
				k.finish(false)
				if t.Failed() {
					t.Errorf("%s, bodies of %d bytes", name, size)
				}
			})
		}
	}
}

// TestWritesWithoutRoom has writes fail to files that stood ready, as on a disk that
// writes nothing twice in one place: what was not answered may come all the same.
func TestWritesWithoutRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := newTank(t)
		for range 100 {
			if err := k.send(1000); err != nil {
				t.Fatal(err)
			}
		}
		var full atomic.Bool
		k.disk.Before(func(_ int, op journaltest.Op, _ string) error {
			if op == journaltest.Write && full.Load() {
				return syscall.ENOSPC
			}
			return nil
		})
		for range 3 {
			full.Store(true)
			for range 5 {
				if err := k.send(1000); !errors.Is(err, localqueue.ErrFull) {
					t.Fatalf("a write without room is told as %v", err)
				}
				time.Sleep(100 * time.Millisecond)
			}
			full.Store(false)
			time.Sleep(time.Second)
			if err := k.send(1000); err != nil {
				t.Fatalf("with room again: %v", err)
			}
		}
		k.finish(true)
	})
}

// TestRetryAfterNoRoom: a send that was told that the disk is full is sent again, with
// its deduplication id, once there is room, and is answered.
func TestRetryAfterNoRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		disk := journaltest.New()
		s, err := localqueue.OpenOn(disk, small, func(o *localqueue.Options) { o.Sync = localqueue.SyncAlways })
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		s.MustCreate("a.fifo")
		synctest.Wait()
		var full atomic.Bool
		disk.Before(func(_ int, op journaltest.Op, _ string) error {
			if op == journaltest.Write && full.Load() {
				return syscall.ENOSPC
			}
			return nil
		})
		send := func() error {
			_, err := s.SendMessage(t.Context(), &sqs.SendMessageInput{
				QueueUrl: aws.String("a.fifo"), MessageBody: aws.String("x"),
				MessageGroupId: aws.String("g"), MessageDeduplicationId: aws.String("1"),
			})
			return err
		}
		full.Store(true)
		if err := send(); !errors.Is(err, localqueue.ErrFull) {
			t.Fatalf("without room: %v", err)
		}
		full.Store(false)
		time.Sleep(time.Second)
		if err := send(); err != nil {
			t.Errorf("again, with room: %v", err)
		}
		if n := counts(t, s, "a.fifo"); n != "1 visible, 0 in flight, 0 delayed" {
			t.Errorf("sent twice with one id: %s", n)
		}
	})
}
