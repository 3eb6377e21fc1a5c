package eventsource_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/internal/eventsource"
)

// TestFIFO has two groups: each in order, side by side, and behind a failed message nothing of
// its group until that has come back.
func TestFIFO(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queue(t, "jobs.fifo")
		send(t, q, "jobs.fifo", "a", 12)
		send(t, q, "jobs.fifo", "b", 12)
		var mu sync.Mutex
		handled := make(map[string][]string)
		failed := false
		f := newFake(4, func(_ context.Context, e events.SQSEvent) ([]byte, error) {
			time.Sleep(time.Second)
			mu.Lock()
			defer mu.Unlock()
			stopped := make(map[string]bool)
			var ids []string
			for _, r := range e.Records {
				group := r.Attributes["MessageGroupId"]
				if r.Body == "a3" && !failed {
					failed = true
					stopped[group] = true
				}
				if stopped[group] {
					ids = append(ids, r.MessageId)
					continue
				}
				handled[group] = append(handled[group], r.Body)
			}
			return failing(ids...), nil
		})
		run(t, open(t, q, "jobs.fifo"), f)
		time.Sleep(20 * time.Second)
		mu.Lock()
		if len(handled["a"]) != 2 || len(handled["b"]) != 12 {
			t.Errorf("while a3 is invisible: %v", handled)
		}
		mu.Unlock()
		time.Sleep(40 * time.Second)
		synctest.Wait()
		wantCounts(t, q, "jobs.fifo", 0, 0)
		for _, group := range []string{"a", "b"} {
			var want []string
			for _, n := range strings.Fields("1 2 3 4 5 6 7 8 9 10 11 12") {
				want = append(want, group+n)
			}
			if !slices.Equal(handled[group], want) {
				t.Errorf("%s: %v", group, handled[group])
			}
		}
		if f.most < 2 {
			t.Error("groups were not handled side by side")
		}
	})
}

// TestFIFOParts has batches of a FIFO queue that are too large for an invocation: their parts
// come one after another, without groups that have failed, and not when they would be visible
// again before the function must be done.
func TestFIFOParts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queue(t, "jobs.fifo")
		set(t, q, "jobs.fifo", types.QueueAttributeNameVisibilityTimeout, "100")
		large := strings.Repeat(`"`, 1<<19) // twice as long in JSON: five fit
		for _, body := range strings.Fields("a1 a2 a3 a4 a5 a6 a7 b1 b2 b3") {
			sendBody(t, q, "jobs.fifo", body[:1], body+large)
		}
		var mu sync.Mutex
		var got []string
		took := time.Second
		f := newFake(3, func(_ context.Context, e events.SQSEvent) ([]byte, error) {
			mu.Lock()
			work := took
			mu.Unlock()
			time.Sleep(work)
			mu.Lock()
			defer mu.Unlock()
			var part, ids []string
			for _, r := range e.Records {
				part = append(part, r.Body[:2])
				if r.Body[0] == 'a' && len(got) == 0 {
					ids = append(ids, r.MessageId)
				}
			}
			got = append(got, strings.Join(part, " "))
			return failing(ids...), nil
		})
		m := open(t, q, "jobs.fifo", func(o *eventsource.Options) { o.Timeout = time.Minute })
		run(t, m, f)
		time.Sleep(10 * time.Second)
		mu.Lock()
		if want := []string{"a1 a2 a3 a4 a5", "b1 b2 b3"}; !reflect.DeepEqual(got, want) {
			t.Errorf("invoked with %q, want %q", got, want)
		}
		took = 50 * time.Second
		mu.Unlock()
		wantCounts(t, q, "jobs.fifo", 0, 7)

		time.Sleep(90*time.Second + 51*time.Second)
		mu.Lock()
		if len(got) != 3 || got[2] != "a1 a2 a3 a4 a5" {
			t.Errorf("then with %q", got)
		}
		mu.Unlock()
		wantCounts(t, q, "jobs.fifo", 0, 2) // the second part was left alone
		time.Sleep(100 * time.Second)
		wantCounts(t, q, "jobs.fifo", 0, 0)
	})
}
