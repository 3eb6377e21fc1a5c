package eventsource_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/quayside-go/quayside/internal/eventsource"
)

// TestResponses has what a function may answer to a batch of three, and what becomes of them:
// the failed ones stay, the others are deleted.
func TestResponses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		response string // ID stands for the second message's
		err      error
		failed   int
	}{
		{response: ``, failed: 0},
		{response: " \n", failed: 0},
		{response: `null`, failed: 0},
		{response: `""`, failed: 0},
		{response: `{}`, failed: 0},
		{response: `{"batchItemFailures":[]}`, failed: 0},
		{response: `{"batchItemFailures":null}`, failed: 0},
		{response: `{"statusCode":200}`, failed: 0},
		{response: `{"batchItemFailures":[{"itemIdentifier":"ID"}]}`, failed: 1},
		{response: `{"batchItemFailures":[{"itemIdentifier":"ID"},{"itemIdentifier":"ID"}]}`, failed: 1},
		{response: `{"batchItemFailures":[{"itemIdentifier":"ID","why":1}],"more":[]}`, failed: 1},
		{response: `{"batchItemFailures":[{"itemIdentifier":""}]}`, failed: 3},
		{response: `{"batchItemFailures":[{"itemIdentifier":null}]}`, failed: 3},
		{response: `{"batchItemFailures":[{"itemIdentifier":7}]}`, failed: 3},
		{response: `{"batchItemFailures":[{"itemIdentifier":"other"}]}`, failed: 3},
		{response: `{"batchItemFailures":[{"itemIdentifier":"ID"},{"itemIdentifier":"other"}]}`, failed: 3},
		{response: `{"batchItemFailures":[{"ItemIdentifier":"ID"}]}`, failed: 3},
		{response: `{"batchItemFailures":[{"foo":"ID"}]}`, failed: 3},
		{response: `{"batchItemFailures":[{}]}`, failed: 3},
		{response: `{"batchItemFailures":[null]}`, failed: 3},
		{response: `{"batchItemFailures":["ID"]}`, failed: 3},
		{response: `{"batchItemFailures":{"itemIdentifier":"ID"}}`, failed: 3},
		{response: `{"batchItemFailures":`, failed: 3},
		{response: `ok`, failed: 3},
		{response: `"ok"`, failed: 3},
		{response: `[]`, failed: 3},
		{err: errors.New("it crashed"), failed: 3},
	} {
		t.Run(c.response, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				q := queue(t, "orders")
				f := newFake(1, func(_ context.Context, e events.SQSEvent) ([]byte, error) {
					return []byte(strings.ReplaceAll(c.response, "ID", e.Records[1].MessageId)), c.err
				})
				var reports []eventsource.Report
				m := open(t, q, "orders", func(o *eventsource.Options) {
					o.OnReport = func(r eventsource.Report) { reports = append(reports, r) }
				})
				send(t, q, "orders", "", 3)
				stop := run(t, m, f)
				synctest.Wait()
				wantCounts(t, q, "orders", 0, c.failed)
				stop()
				if len(reports) != 1 || reports[0].Records != 3 || reports[0].Failed != c.failed || (reports[0].Err != nil) != (c.failed == 3) {
					t.Errorf("reported %+v", reports)
				}
				if got := m.Totals(); got.Invocations != 1 || got.Records != 3 || got.Failed != c.failed {
					t.Errorf("totals %+v", got)
				}
			})
		})
	}
}

// TestWholeBatches switches ReportBatchItemFailures off: only an error keeps messages.
func TestWholeBatches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queue(t, "orders")
		f := newFake(1, func(_ context.Context, e events.SQSEvent) ([]byte, error) {
			return failing(e.Records[0].MessageId), nil
		})
		m := open(t, q, "orders", func(o *eventsource.Options) { o.WholeBatches = true })
		send(t, q, "orders", "", 3)
		run(t, m, f)
		synctest.Wait()
		wantCounts(t, q, "orders", 0, 0)
	})
}

// TestComesBack has a message fail twice: it is there again when its visibility timeout ends,
// not before, and its receives are counted.
func TestComesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queue(t, "orders")
		var receives []string
		var at []time.Duration
		started := time.Now()
		f := newFake(1, func(_ context.Context, e events.SQSEvent) ([]byte, error) {
			receives = append(receives, e.Records[0].Attributes["ApproximateReceiveCount"])
			at = append(at, time.Since(started))
			if len(at) < 3 {
				return nil, errors.New("not yet")
			}
			return nil, nil
		})
		send(t, q, "orders", "", 1)
		stop := run(t, open(t, q, "orders"), f)
		time.Sleep(2 * time.Minute)
		stop()
		wantCounts(t, q, "orders", 0, 0)
		if !slices.Equal(receives, []string{"1", "2", "3"}) || !slices.Equal(at, []time.Duration{0, 30 * time.Second, time.Minute}) {
			t.Errorf("received %v at %v", receives, at)
		}
	})
}

// TestConcurrency has more batches than environments.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queue(t, "orders")
		f := newFake(3, func(context.Context, events.SQSEvent) ([]byte, error) {
			time.Sleep(time.Second)
			return nil, nil
		})
		send(t, q, "orders", "", 60)
		run(t, open(t, q, "orders"), f)
		time.Sleep(time.Second / 2)
		wantCounts(t, q, "orders", 30, 30) // nothing is received that could not start
		time.Sleep(time.Second)
		wantCounts(t, q, "orders", 0, 30)
		time.Sleep(time.Second)
		synctest.Wait()
		wantCounts(t, q, "orders", 0, 0)
		if f.most != 3 || len(f.seen()) != 6 {
			t.Errorf("%d invocations, %d at once; want 6, 3", len(f.seen()), f.most)
		}
	})
}
