package main

import (
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
)

func mustParse(t *testing.T, text string) *queuesFile {
	t.Helper()
	f, err := parseQueues("q.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func newEngine(t *testing.T) *localqueue.Server {
	t.Helper()
	s := localqueue.New()
	t.Cleanup(func() { s.Close() })
	return s
}

func attributes(t *testing.T, s *localqueue.Server, queue string) map[string]string {
	t.Helper()
	out, err := s.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: &queue, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Attributes
}

func tags(t *testing.T, s *localqueue.Server, queue string) map[string]string {
	t.Helper()
	out, err := s.ListQueueTags(t.Context(), &sqs.ListQueueTagsInput{QueueUrl: &queue})
	if err != nil {
		t.Fatal(err)
	}
	return out.Tags
}

const shop = `queues:
  - name: orders
    attributes: { VisibilityTimeout: 60 }
    deadLetterQueue: { name: orders-dlq, maxReceiveCount: 3 }
    tags: { team: shop }
  - orders-dlq
  - name: jobs.fifo
    attributes: { ContentBasedDeduplication: true, DeduplicationScope: messageGroup, FifoThroughputLimit: perMessageGroupId }
  - name: mail
    attributes:
      RedrivePolicy:
        deadLetterTargetArn: arn:aws:sqs:us-east-1:000000000000:orders-dlq
        maxReceiveCount: 7
`

func TestApply(t *testing.T) {
	t.Parallel()
	s := newEngine(t)
	if err := mustParse(t, shop).apply(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ queue, name, want string }{
		{"orders", "VisibilityTimeout", "60"},
		{"orders", "RedrivePolicy", `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:orders-dlq","maxReceiveCount":3}`},
		{"orders-dlq", "RedrivePolicy", ""},
		{"jobs.fifo", "FifoQueue", "true"},
		{"jobs.fifo", "ContentBasedDeduplication", "true"},
		{"jobs.fifo", "FifoThroughputLimit", "perMessageGroupId"},
		{"mail", "RedrivePolicy", `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:orders-dlq","maxReceiveCount":7}`},
	} {
		if got := attributes(t, s, c.queue)[c.name]; got != c.want {
			t.Errorf("%s of %s is %q, want %q", c.name, c.queue, got, c.want)
		}
	}
	if got := tags(t, s, "orders"); !maps.Equal(got, map[string]string{"team": "shop"}) {
		t.Errorf("tags of orders: %v", got)
	}
}

// TestApplyAgain applies one file twice: nothing is touched the second time, as
// the time of the last modification shows.
func TestApplyAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newEngine(t)
		for range 2 {
			if err := mustParse(t, shop).apply(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		for _, queue := range []string{"orders", "orders-dlq", "jobs.fifo", "mail"} {
			if a := attributes(t, s, queue); a["LastModifiedTimestamp"] != a["CreatedTimestamp"] {
				t.Errorf("%s was created at %s and modified at %s", queue, a["CreatedTimestamp"], a["LastModifiedTimestamp"])
			}
		}
	})
}

// TestApplyChanges applies a file to queues that have other values, and values
// that the file does not mention.
func TestApplyChanges(t *testing.T) {
	t.Parallel()
	s := newEngine(t)
	for _, text := range []string{
		"queues:\n  - name: other\n  - name: orders\n    attributes: { VisibilityTimeout: 9, DelaySeconds: 5 }\n    tags: { team: old, cost: a }\n",
		shop,
	} {
		if err := mustParse(t, text).apply(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	a := attributes(t, s, "orders")
	if a["VisibilityTimeout"] != "60" || a["DelaySeconds"] != "5" {
		t.Errorf("VisibilityTimeout %s, want 60 as the file says; DelaySeconds %s, want 5 as it was", a["VisibilityTimeout"], a["DelaySeconds"])
	}
	if got := tags(t, s, "orders"); !maps.Equal(got, map[string]string{"team": "shop", "cost": "a"}) {
		t.Errorf("tags of orders: %v", got)
	}
	attributes(t, s, "other") // is still there
}

// TestCheck has files that only SQS finds wrong: each refusal names the line.
func TestCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"good", shop, ""},
		{"value", "queues:\n  - name: a\n    attributes:\n      DelaySeconds: 1\n      VisibilityTimeout: 43201\n",
			`q.yaml:5: queue "a": Invalid value for the parameter VisibilityTimeout. (InvalidAttributeValue)`},
		{"unknown attribute", "queues:\n  - name: a\n    attributes:\n      Visibility: 3\n",
			`q.yaml:4: queue "a": Unknown Attribute Visibility. (InvalidAttributeName)`},
		{"number in another base", "queues:\n  - name: a\n    attributes: { DelaySeconds: 0x10 }\n",
			`q.yaml:3: queue "a": Invalid value for the parameter DelaySeconds. (InvalidAttributeValue)`},
		{"FIFO attribute of a standard queue", "queues:\n  - name: a\n    attributes: { ContentBasedDeduplication: true }\n",
			`q.yaml:3: queue "a": Unknown Attribute ContentBasedDeduplication. (InvalidAttributeName)`},
		{"name", "queues:\n  - ok\n  - no good\n",
			`q.yaml:3: queue "no good": Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length (InvalidParameterValue)`},
		{"DLQ of another type", "queues:\n  - name: a\n    deadLetterQueue: b.fifo\n  - b.fifo\n",
			`q.yaml:3: queue "a": Value {"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:b.fifo","maxReceiveCount":5} for parameter RedrivePolicy is invalid. Reason: Dead-letter queue must be same type of queue as the source.. (InvalidParameterValue)`},
		{"receive count", "queues:\n  - name: a\n    deadLetterQueue: { name: b, maxReceiveCount: 1001 }\n  - b\n",
			`q.yaml:3: queue "a": Value {"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:b","maxReceiveCount":1001} for parameter RedrivePolicy is invalid. Reason: Invalid value for maxReceiveCount: 1001, valid values are from 1 to 1000 both inclusive. (InvalidParameterValue)`},
		{"no such target", "queues:\n  - name: a\n    attributes:\n      RedrivePolicy: { deadLetterTargetArn: arn:aws:sqs:us-east-1:000000000000:b, maxReceiveCount: 1 }\n",
			`q.yaml:4: queue "a": Value {"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:b","maxReceiveCount":1} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist. (InvalidParameterValue)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := mustParse(t, c.text).check(t.Context(), localqueue.DefaultRegion, localqueue.DefaultAccount)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
