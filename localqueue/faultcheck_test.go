package localqueue_test

import (
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/localqueue"
)

// TestFaultsRefused: what is wrong is said, and nothing changes.
func TestFaultsRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(o *localqueue.Options) { o.Faults = always(localqueue.Throttled, 0) })
	for _, c := range []struct {
		rule localqueue.Fault
		want string
	}{
		{localqueue.Fault{Kind: "twice"}, `there is no kind of fault "twice"`},
		{localqueue.Fault{}, `there is no kind of fault ""`},
		{localqueue.Fault{Kind: localqueue.Duplicate, Rate: 1.1}, `the rate 1.1 of duplicate is not from 0 to 1`},
		{localqueue.Fault{Kind: localqueue.Duplicate, Rate: -1}, `the rate -1 of duplicate is not from 0 to 1`},
		{localqueue.Fault{Kind: localqueue.Duplicate, Rate: math.NaN()}, `the rate NaN of duplicate is not from 0 to 1`},
		{localqueue.Fault{Kind: localqueue.Slow, Rate: 1, Delay: -1}, `the delay -1ns of slow is negative`},
		{localqueue.Fault{Kind: localqueue.Slow, Rate: 1}, `slow needs a delay`},
		{localqueue.Fault{Kind: localqueue.SlowDelete, Rate: 1}, `slow-delete needs a delay`},
		{localqueue.Fault{Kind: localqueue.LostReply, Rate: 1, Delay: 1}, `lost-reply has no delay`},
		{localqueue.Fault{Kind: localqueue.LostReply, Action: "Send"}, `SQS has no action "Send"`},
		{localqueue.Fault{Kind: localqueue.SlowDelete, Delay: 1, Action: "SendMessage"}, `slow-delete does not go with SendMessage, only with DeleteMessage, DeleteMessageBatch`},
		{localqueue.Fault{Kind: localqueue.PartialBatch, Action: "DeleteMessage"}, `partial-batch does not go with DeleteMessage, only with SendMessageBatch, DeleteMessageBatch, ChangeMessageVisibilityBatch`},
		{localqueue.Fault{Kind: localqueue.Reorder, Queue: "jobs.fifo"}, `FIFO queues, such as jobs.fifo, do not know reorder`},
		{localqueue.Fault{Kind: localqueue.Throttled, Queue: "http://localhost/0/orders"}, `"http://localhost/0/orders" is not the name of a queue`},
		{localqueue.Fault{Kind: localqueue.Throttled, Action: "ListQueues", Queue: "orders"}, `ListQueues concerns no queue, such as "orders"`},
	} {
		f := localqueue.Faults{Rules: []localqueue.Fault{{Kind: localqueue.Throttled, Rate: 1}, c.rule}}
		err := s.SetFaults(f)
		want := "localqueue: Faults.Rules[1]: " + c.want
		if err == nil || err.Error() != want {
			t.Errorf("%+v: %v, want %s", c.rule, err, want)
		}
		if _, err := s.ListQueues(t.Context(), nil); !strings.HasPrefix(code(err), "Thrott") && code(err) != "RequestThrottled" {
			t.Errorf("the faults before are not in force any more: %v", err)
		}
	}
}

// TestFaultsOfOptionsRefused: calls of New's server fail until they are put right, Open
// does at once.
func TestFaultsOfOptionsRefused(t *testing.T) {
	t.Parallel()
	bad := func(o *localqueue.Options) { o.Faults = always(localqueue.Slow, 0) }
	const want = "localqueue: Faults.Rules[0]: slow needs a delay"
	if _, err := localqueue.Open(t.TempDir(), bad); err == nil || err.Error() != want {
		t.Errorf("open: %v", err)
	}
	s := newServer(t, bad)
	if _, err := s.ListQueues(t.Context(), nil); err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("a call: %v", err)
	}
	if err := s.Create(t.Context(), "orders"); err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("create: %v", err)
	}
	if a := raw(t, s, jsonCall("ListQueues", `{}`)); a.status != http.StatusInternalServerError || !strings.Contains(a.body, want) {
		t.Errorf("over HTTP: %s", masked(a))
	}
	if err := s.SetFaults(localqueue.Faults{}); err != nil {
		t.Error(err)
	}
	if _, err := s.ListQueues(t.Context(), nil); err != nil {
		t.Errorf("put right: %v", err)
	}
}
