package worker_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/worker"
)

func TestHostSettlesInOrderByTens(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		host, err := worker.NewHost(f, "jobs.fifo", worker.HandlerFunc(func(context.Context, *worker.Message) error { return nil }), worker.HostOptions{})
		if err != nil {
			t.Fatal(err)
		}
		f.onChange = func(call int, in *sqs.ChangeMessageVisibilityBatchInput) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
			if call == 1 { // what is throttled is asked for again, before what comes after it
				return nil, &smithy.GenericAPIError{Code: "ThrottlingException"}
			}
			out := &sqs.ChangeMessageVisibilityBatchOutput{}
			for _, e := range in.Entries {
				out.Successful = append(out.Successful, types.ChangeMessageVisibilityBatchResultEntry{Id: e.Id})
			}
			return out, nil
		}
		session := host.Open(context.Background())
		var ss []worker.Settlement
		for i := range 13 {
			m := session.Message(message(fmt.Sprint(i), 1, ""), time.Now())
			ss = append(ss, worker.Settlement{Message: m, Outcome: worker.Released})
		}
		ss[3].Outcome = worker.Done
		ss[12].Outcome, ss[12].Again = worker.Failed, 90*time.Second
		session.Settle(ss)
		var handles []string
		for _, request := range f.changes[1:] {
			for _, c := range request {
				handles = append(handles, fmt.Sprint(strings.TrimSuffix(c.handle, "#1"), ":", c.seconds))
			}
		}
		if want := strings.Fields("0:0 1:0 2:0 4:0 5:0 6:0 7:0 8:0 9:0 10:0 11:0 12:90"); !slices.Equal(handles, want) || len(f.changes) != 3 {
			t.Errorf("asked for %v in %d requests, want %v in 3", handles, len(f.changes), want)
		}
	})
}

func TestHostSettlesManyAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		h := newHost(t, f, func(context.Context, *worker.Message) error { return nil })
		f.onChange = func(_ int, in *sqs.ChangeMessageVisibilityBatchInput) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
			time.Sleep(time.Second)
			out := &sqs.ChangeMessageVisibilityBatchOutput{}
			for _, e := range in.Entries {
				out.Successful = append(out.Successful, types.ChangeMessageVisibilityBatchResultEntry{Id: e.Id})
			}
			return out, nil
		}
		session := h.Open(context.Background())
		var ss []worker.Settlement
		for i := range 200 {
			m := session.Message(message(fmt.Sprint(i), 1, ""), time.Now())
			ss = append(ss, worker.Settlement{Message: m, Outcome: worker.Failed, Again: time.Minute})
		}
		start := time.Now()
		session.Settle(ss)
		asked := make(map[string]bool)
		for _, request := range f.changes {
			for _, c := range request {
				asked[c.handle] = true
			}
		}
		if took := time.Since(start); took != 2*time.Second || len(f.changes) != 20 || len(asked) != 200 {
			t.Errorf("%d requests about %d messages took %v, want 20 about 200 in 2s", len(f.changes), len(asked), took)
		}
	})
}

func TestHostChangesThatAreNotMade(t *testing.T) {
	t.Parallel()
	refuse := func(_ int, in *sqs.ChangeMessageVisibilityBatchInput) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
		return &sqs.ChangeMessageVisibilityBatchOutput{Failed: []types.BatchResultErrorEntry{{Id: in.Entries[0].Id, Code: new("ReceiptHandleIsInvalid"), SenderFault: true}}}, nil
	}
	silent := func(int, *sqs.ChangeMessageVisibilityBatchInput) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
		return nil, errors.New("no answer")
	}
	for _, c := range []struct {
		name     string
		onChange func(int, *sqs.ChangeMessageVisibilityBatchInput) (*sqs.ChangeMessageVisibilityBatchOutput, error)
		edit     func(*fake)
		wait     time.Duration // from the delivery to the settlement
		limit    time.Duration // of the session
		requests int
	}{
		{name: "refused", onChange: refuse, requests: 1},
		{name: "lapsed", wait: 61 * time.Second, requests: 0},
		{name: "not known to have lapsed", wait: 61 * time.Second, edit: func(f *fake) { f.attributesErr = &smithy.GenericAPIError{Code: "AccessDenied"} }, onChange: refuse, requests: 1},
		{name: "out of time", onChange: silent, limit: time.Second, requests: 5},
		{name: "no queue found", edit: func(f *fake) { f.urlErr = &types.QueueDoesNotExist{} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newFake()
				f.onChange = c.onChange
				if c.edit != nil {
					c.edit(f)
				}
				h := newHost(t, f, func(context.Context, *worker.Message) error { return nil })
				ctx := context.Background()
				if c.limit > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, c.limit)
					defer cancel()
				}
				session := h.Open(ctx)
				m := session.Message(message("0", 2, ""), time.Now())
				time.Sleep(c.wait)
				start := time.Now()
				session.Settle([]worker.Settlement{{Message: m, Outcome: worker.Failed, Again: time.Hour}})
				if es := f.of(worker.EventUnsettled); len(es) != 1 || es[0].Message.ID != "0" || es[0].Err == nil || es[0].Action != "ChangeMessageVisibilityBatch" || es[0].Queue != "orders" {
					t.Errorf("the hook was told %+v", es)
				}
				if n := len(f.changes); c.limit == 0 && n != c.requests || c.limit > 0 && (n < 2 || time.Since(start) > c.limit) {
					t.Errorf("%d requests in %v", n, time.Since(start))
				}
			})
		})
	}
}

func TestHostKeepsWithinTwelveHours(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		f.visibility = "43200"
		h := newHost(t, f, func(context.Context, *worker.Message) error { return worker.RetryAfter(20*time.Hour, nil) })
		first := message("0", 1, "")
		first.Attributes["ApproximateFirstReceiveTimestamp"] = fmt.Sprint(time.Now().Add(-time.Minute).UnixMilli())
		deliver(h, first)
		second := message("1", 2, "")
		second.Attributes["ApproximateFirstReceiveTimestamp"] = fmt.Sprint(time.Now().Add(-13 * time.Hour).UnixMilli())
		deliver(h, second)
		if got, want := fmt.Sprint(f.changes), "[[{0#1 43139}] [{1#2 42899}]]"; got != want {
			t.Errorf("asked for %v, want %v", got, want)
		}
	})
}

func TestHostLooksTheQueueUp(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(*fake){
		"found":             func(*fake) {},
		"URL denied":        func(f *fake) { f.urlErr = &smithy.GenericAPIError{Code: "AccessDenied"} },
		"URL not to be had": func(f *fake) { f.urlErr = &types.QueueDoesNotExist{} },
		"settings denied":   func(f *fake) { f.attributesErr = &smithy.GenericAPIError{Code: "AccessDeniedException"} },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newFake()
				edit(f)
				h := newHost(t, f, func(context.Context, *worker.Message) error { return errLost }, func(o *worker.HostOptions) {
					o.Owner, o.URL = "123456789012", "https://sqs/1/orders"
				})
				for n := 1; n <= 3; n++ {
					deliver(h, message("0", n, ""))
				}
				var wg sync.WaitGroup
				for n := range 5 {
					wg.Go(func() { deliver(h, message("1", n+1, "")) })
				}
				wg.Wait()
				asked := make(map[string]int)
				for _, e := range f.of(worker.EventRequest) {
					asked[e.Action]++
				}
				if asked["GetQueueUrl"] != 1 || asked["GetQueueAttributes"] != 1 || asked["ChangeMessageVisibilityBatch"] != 8 {
					t.Errorf("asked %v", asked)
				}
			})
		})
	}
}
