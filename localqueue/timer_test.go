package localqueue

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// TestBetweenLookAndAlarm has a message become visible after a receive has looked for one and
// before the alarm is set: the receive gets it all the same, at once.
func TestBetweenLookAndAlarm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := New()
		defer s.Close()
		s.MustCreate("orders")
		url := "orders"
		if _, err := s.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: new("late"), DelaySeconds: 1}); err != nil {
			t.Fatal(err)
		}
		var q *queue
		for _, q = range s.queues {
		}
		w := &waiter{ctx: t.Context(), request: engine.Receive{Max: 1, Visibility: time.Minute}, out: new(engine.Batch), ready: make(chan struct{})}
		q.mu.Lock()
		looked := s.now()
		w.place = q.waiters.PushBack(w)
		time.Sleep(2 * time.Second)
		q.arm(looked)
		q.mu.Unlock()
		began := time.Now()
		select {
		case <-w.ready:
		case <-time.After(time.Minute):
			t.Fatal("it waits for ever")
		}
		if took := time.Since(began); took > 0 || len(w.out.Deliveries) != 1 {
			t.Errorf("%d messages after %v", len(w.out.Deliveries), took)
		}
	})
}
