package localqueue_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
)

// everything is each kind of fault at a moderate rate.
func everything(seed uint64) localqueue.Faults {
	f := localqueue.Faults{Seed: seed, Rules: []localqueue.Fault{
		{Kind: localqueue.Slow, Rate: 0.1, Delay: time.Second},
		{Kind: localqueue.SlowDelete, Rate: 0.2, Delay: 20 * time.Second},
	}}
	for _, kind := range []localqueue.FaultKind{
		localqueue.LostRequest, localqueue.Throttled, localqueue.ServerError, localqueue.LostReply,
		localqueue.Duplicate, localqueue.Reorder, localqueue.FalseEmpty, localqueue.StaleDelete, localqueue.PartialBatch,
	} {
		f.Rules = append(f.Rules, localqueue.Fault{Kind: kind, Rate: 0.1})
	}
	return f
}

// traffic makes the same calls in each run, one after the other, and returns what became
// of them and when.
func (x *troubled) traffic(rounds int) string {
	var log strings.Builder
	start := time.Now()
	note := func(format string, args ...any) {
		fmt.Fprintf(&log, "%v ", time.Since(start))
		fmt.Fprintf(&log, format+"\n", args...)
	}
	var handles []*string
	for i := range rounds {
		for _, queue := range []string{"orders", "fragile"} {
			_, err := x.SendMessage(x.ctx, &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: aws.String(fmt.Sprint(i))})
			note("send: %s", outcome(err))
			in := &sqs.SendMessageBatchInput{QueueUrl: &queue}
			for _, b := range numbers(3) {
				in.Entries = append(in.Entries, types.SendMessageBatchRequestEntry{Id: &b, MessageBody: aws.String(fmt.Sprint(i, b))})
			}
			sent, err := x.SendMessageBatch(x.ctx, in)
			note("send batch: %s %d", outcome(err), len(failedOf(sent)))
			list, err := x.tryReceive(queue, int32(i%2))
			note("receive: %s %v", outcome(err), bodies(list))
			for _, m := range list {
				handles = append(handles, m.ReceiptHandle)
			}
			for len(handles) > 5 { // those of the one queue are unknown to the other
				_, err := x.DeleteMessage(x.ctx, &sqs.DeleteMessageInput{QueueUrl: &queue, ReceiptHandle: handles[0]})
				note("delete: %s", outcome(err))
				handles = handles[1:]
			}
			time.Sleep(7 * time.Second)
			synctest.Wait()
		}
	}
	note("%s, %s, %s", counts(x.t, x.s, "orders"), counts(x.t, x.s, "fragile"), counts(x.t, x.s, "fragile-dlq"))
	return log.String()
}

func failedOf(out *sqs.SendMessageBatchOutput) []types.BatchResultErrorEntry {
	if out == nil {
		return nil
	}
	return out.Failed
}

func outcome(err error) string {
	switch {
	case err == nil:
		return "ok"
	case lost(err):
		return "lost"
	default:
		return code(err)
	}
}

// TestFaultsAreDetermined: the same calls meet the same faults, whichever face they come
// by; under another seed others.
func TestFaultsAreDetermined(t *testing.T) {
	t.Parallel()
	run := func(face int, seed uint64) (log string) {
		synctest.Test(t, func(t *testing.T) {
			s := newServer(t, func(o *localqueue.Options) { o.Faults = everything(seed) })
			s.MustCreate("orders", "fragile -> fragile-dlq")
			x := &troubled{faces[face].of(s), s, t, t.Context()}
			log = x.traffic(60)
			if err := s.Check(); err != nil {
				t.Error(err)
			}
		})
		return log
	}
	first := run(0, 7)
	for _, word := range []string{"ok", "lost", "ThrottlingException", "RequestThrottled", "InternalFailure", "ServiceUnavailable"} {
		if !strings.Contains(first, ": "+word) {
			t.Errorf("nothing ended with %s:\n%s", word, first)
		}
	}
	for face := range faces {
		if again := run(face, 7); again != first {
			t.Errorf("by %s the same calls met other faults:\n%s", faces[face].name, firstDifference(first, again))
		}
	}
	if other := run(0, 8); other == first {
		t.Error("another seed makes no difference")
	}
}

// firstDifference is the first line in which two texts differ.
func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("line %d: %s\n%s", i, x[i], y[i])
		}
	}
	return "one is longer"
}

// TestSetFaultsNumbersAnew: the same faults set again begin with the first call.
func TestSetFaultsNumbersAnew(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	f := localqueue.Faults{Seed: 3, Rules: []localqueue.Fault{{Kind: localqueue.ServerError, Rate: 0.5}}}
	run := func() (list []string) {
		if err := s.SetFaults(f); err != nil {
			t.Fatal(err)
		}
		for range 50 {
			_, err := s.ListQueues(t.Context(), nil)
			list = append(list, outcome(err))
		}
		return list
	}
	if a, b := run(), run(); !slices.Equal(a, b) {
		t.Errorf("%v\n%v", a, b)
	}
}
