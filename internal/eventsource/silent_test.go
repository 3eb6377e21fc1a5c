package eventsource_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/internal/eventsource"
	"github.com/quayside-go/quayside/localqueue"
)

// slowDeletes answers each delete after a while, or never.
type slowDeletes struct {
	*localqueue.Server
	after time.Duration // 0: never
}

func (s slowDeletes) DeleteMessageBatch(ctx context.Context, in *sqs.DeleteMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error) {
	var answer <-chan time.Time
	if s.after > 0 {
		answer = time.After(s.after)
	}
	select {
	case <-answer:
		return s.Server.DeleteMessageBatch(ctx, in)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// TestDrainWithoutDeletes has SQS not answer deletes, or slowly: Run ends all the same, when there
// was no answer at all, when the messages are visible again, or some time after Options.Drain.
// What was not deleted is counted.
func TestDrainWithoutDeletes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, visibility string
		after, want      time.Duration
		deleted          int
	}{
		{"never", "3600", 0, 30 * time.Second, 0},
		{"visible", "50", 20 * time.Second, 50 * time.Second, 2 * 4 * 10}, // two answers for each of four goroutines
		{"drained", "3600", 20 * time.Second, 55 * time.Second, 2 * 4 * 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				q := queue(t, "orders")
				set(t, q, "orders", types.QueueAttributeNameVisibilityTimeout, c.visibility)
				send(t, q, "orders", "", 2000)
				m := open(t, slowDeletes{q, c.after}, "orders", func(o *eventsource.Options) { o.BatchSize, o.Window = 2000, 2*time.Second })
				stop := run(t, m, newFake(1, well))
				synctest.Wait() // it deletes
				began := time.Now()
				stop()
				if took := time.Since(began); took != c.want {
					t.Errorf("it took %v to stop, want %v", took, c.want)
				}
				if got := m.Totals(); got.Undeleted != 2000-c.deleted {
					t.Errorf("%d were not deleted, want %d", got.Undeleted, 2000-c.deleted)
				}
			})
		})
	}
}

// partialReply answers the first delete with nothing about its last entry.
type partialReply struct {
	*localqueue.Server
	calls int
}

func (p *partialReply) DeleteMessageBatch(ctx context.Context, in *sqs.DeleteMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error) {
	if p.calls++; p.calls > 1 {
		return p.Server.DeleteMessageBatch(ctx, in)
	}
	less := *in
	less.Entries = in.Entries[:len(in.Entries)-1]
	return p.Server.DeleteMessageBatch(ctx, &less)
}

// TestUnmentionedDelete has a reply that does not mention an entry, which then is not deleted:
// it is sent again.
func TestUnmentionedDelete(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queue(t, "orders")
		send(t, q, "orders", "", 5)
		var reports []eventsource.Report
		m := open(t, &partialReply{Server: q}, "orders", func(o *eventsource.Options) {
			o.OnReport = func(r eventsource.Report) { reports = append(reports, r) }
		})
		stop := run(t, m, newFake(1, well))
		time.Sleep(5 * time.Second)
		stop()
		wantCounts(t, q, "orders", 0, 0)
		if len(reports) != 1 || reports[0].Undeleted != 0 || reports[0].DeleteErr == nil {
			t.Errorf("reported %+v", reports)
		}
	})
}

// stubborn refuses every entry of the first change of visibility.
type stubborn struct {
	*localqueue.Server
	calls int
}

func (s *stubborn) ChangeMessageVisibilityBatch(ctx context.Context, in *sqs.ChangeMessageVisibilityBatchInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	if s.calls++; s.calls > 1 {
		return s.Server.ChangeMessageVisibilityBatch(ctx, in)
	}
	out := &sqs.ChangeMessageVisibilityBatchOutput{}
	for _, e := range in.Entries {
		out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: e.Id, Code: aws.String("InternalError"), Message: aws.String("not now")})
	}
	return out, nil
}

// TestReleaseRefused has SQS refuse ten entries of a release: somebody is told, and the others
// are made visible.
func TestReleaseRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queue(t, "orders")
		send(t, q, "orders", "", 15)
		var told errorLog
		m := open(t, &stubborn{Server: q}, "orders", func(o *eventsource.Options) {
			o.BatchSize, o.Window, o.OnError = 20, 10*time.Second, told.add
		})
		stop := run(t, m, newFake(1, well))
		time.Sleep(time.Second)
		stop()
		wantCounts(t, q, "orders", 5, 10)
		told.want(t, "make 10 messages visible, which they are in 30s by themselves: InternalError: not now")
	})
}

// errorLog keeps what OnError is told.
type errorLog struct {
	mu   sync.Mutex
	text []string
}

func (l *errorLog) add(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, err.Error())
}

// want fails the test unless this was told, and nothing else.
func (l *errorLog) want(t *testing.T, text string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if got := strings.Join(l.text, "\n"); got != text {
		t.Errorf("told %q, want %q", got, text)
	}
}
