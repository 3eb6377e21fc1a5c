package main

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
)

// TestServeFaults: faults strike from the first request on, and not the making of queues.
func TestServeFaults(t *testing.T) {
	t.Parallel()
	r := start(t, "--queue", "orders", "--fault", "throttled,rate=1,action=ListQueues", "--fault", "duplicate,rate=1,queue=orders", "--fault-seed", "7",
		"--fault", "server-error,rate=1,action=CreateQueue")
	c, queue := r.client(), r.url()+"/000000000000/orders"
	if _, err := c.ListQueues(t.Context(), &sqs.ListQueuesInput{}, func(o *sqs.Options) { o.Retryer = aws.NopRetryer{} }); err == nil ||
		!errors.As(err, new(*types.RequestThrottled)) && !strings.Contains(err.Error(), "ThrottlingException") {
		t.Errorf("list: %v", err)
	}
	if _, err := c.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: aws.String("hello")}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		got, err := c.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &queue})
		if err != nil || len(got.Messages) != 1 {
			t.Errorf("received %+v, %v", got, err)
		}
	}
	if !strings.Contains(r.log.String(), "whatever --fault says") {
		t.Errorf("the log does not tell of faults:\n%s", r.log)
	}
}

func TestParseFault(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, err string
		want      localqueue.Fault
	}{
		{text: "duplicate,rate=0.5", want: localqueue.Fault{Kind: localqueue.Duplicate, Rate: 0.5}},
		{text: "slow,delay=1s,queue=orders,action=SendMessage,rate=1", want: localqueue.Fault{
			Kind: localqueue.Slow, Action: "SendMessage", Queue: "orders", Rate: 1, Delay: time.Second,
		}},
		{text: "duplicate", err: `want a rate, such as rate=0.01`},
		{text: "slow,rate=x", err: `rate "x": want a number from 0 to 1, such as 0.01`},
		{text: "slow,rate=1,delay=5", err: `delay "5": want a duration, such as 500ms`},
		{text: "slow,often", err: `"often": want name=value, each once`},
		{text: "slow,rate=1,rate=0", err: `"rate=0": want name=value, each once`},
		{text: "slow,when=now", err: `"when": want action, queue, rate or delay`},
		{text: "twice,rate=1", err: `there is no kind of fault "twice"`},
		{text: "slow,rate=1", err: `slow needs a delay`},
	} {
		f := faultFlags{rules: []string{c.text}, seed: 3}
		err := f.check()
		if c.err != "" {
			if want := "--fault \"" + c.text + "\": " + c.err; err == nil || err.Error() != want {
				t.Errorf("%s: %v, want %s", c.text, err, want)
			}
			continue
		}
		if want := (localqueue.Faults{Seed: 3, Rules: []localqueue.Fault{c.want}}); err != nil || !reflect.DeepEqual(f.faults, want) {
			t.Errorf("%s: %+v, %v", c.text, f.faults, err)
		}
	}
}
