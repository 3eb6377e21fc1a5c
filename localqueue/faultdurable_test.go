package localqueue_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

// TestFaultsOnDisk: what faults did is found again as it was, wherever the process ends;
// calls meet the faults that they meet in memory.
func TestFaultsOnDisk(t *testing.T) {
	t.Parallel()
	opts := func(o *localqueue.Options) { o.SegmentSize, o.Faults = 256<<10, everything(11) }
	synctest.Test(t, func(t *testing.T) {
		disk := journaltest.New()
		s, err := localqueue.OpenOn(disk, opts)
		if err != nil {
			t.Fatal(err)
		}
		s.MustCreate("orders", "fragile -> fragile-dlq")
		memory := newServer(t, opts)
		memory.MustCreate("orders", "fragile -> fragile-dlq")
		x, y := &troubled{s, s, t, t.Context()}, &troubled{memory, memory, t, t.Context()}
		for range 30 {
			if a, b := x.traffic(2), y.traffic(2); a != b {
				t.Fatalf("on disk and in memory the same calls met different faults:\n%s", firstDifference(a, b))
			}
			now := time.Now().UnixNano()
			found, err := localqueue.Recover(disk.Kill(), now, false)
			if err != nil {
				t.Fatal(err)
			}
			if live := s.Dump().At(now); !live.Equal(found) {
				t.Fatalf("a crash left another state: %s", difference(live.Rows(), found.Rows()))
			}
		}
		before := counts(t, s, "orders")
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if s, err = localqueue.OpenOn(disk, opts); err != nil {
			t.Fatal(err)
		}
		if after := counts(t, s, "orders"); after != before {
			t.Errorf("orders held %s, and after a restart %s", before, after)
		}
		if err := s.Check(); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestCloseEndsSlowDeletes: Close waits for none and leaves none behind; the message is
// there afterwards. Nor does one outlive its queue.
func TestCloseEndsSlowDeletes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		disk := journaltest.New()
		s, err := localqueue.OpenOn(disk, small)
		if err != nil {
			t.Fatal(err)
		}
		s.MustCreate("orders", "gone")
		x := &troubled{s, s, t, t.Context()}
		x.set(always(localqueue.SlowDelete, time.Hour))
		for _, queue := range []string{"orders", "gone"} {
			x.send(queue, "a")
			x.delete(queue, x.receive(queue, 0, 1)[0])
		}
		_, err = x.DeleteQueue(x.ctx, &sqs.DeleteQueueInput{QueueUrl: aws.String("gone")})
		x.must(err)
		start := time.Now()
		if err := s.Close(); err != nil || time.Since(start) != 0 {
			t.Errorf("close took %v: %v", time.Since(start), err)
		}
		time.Sleep(2 * time.Hour) // nothing is left to go off
		if s, err = localqueue.OpenOn(disk, small); err != nil {
			t.Fatal(err)
		}
		if n := counts(t, s, "orders"); n != "1 visible, 0 in flight, 0 delayed" {
			t.Errorf("orders holds %s", n)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestCloseEndsSlowCalls at once.
func TestCloseEndsSlowCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, func(o *localqueue.Options) { o.Faults = always(localqueue.Slow, time.Hour) })
		s.MustCreate("orders")
		x := &troubled{s, s, t, t.Context()}
		ended := make(chan error)
		go func() {
			_, err := x.tryReceive("orders", 0)
			ended <- err
		}()
		synctest.Wait()
		start := time.Now()
		_ = s.Close()
		if err := <-ended; err == nil || time.Since(start) != 0 {
			t.Errorf("a slow call ended %v after the server, with %v", time.Since(start), err)
		}
	})
}
