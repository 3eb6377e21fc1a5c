package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

// maxReceives is how often a job is handed out before it goes to the dead-letter queue.
const maxReceives = 3

// client is what this program uses of SQS. *sqs.Client and *localqueue.Server implement it.
type client interface {
	worker.Client
	producer.Client
	CreateQueue(context.Context, *sqs.CreateQueueInput, ...func(*sqs.Options)) (*sqs.CreateQueueOutput, error)
}

var _ client = (*sqs.Client)(nil)

// broker is a client with an end.
type broker interface {
	client
	io.Closer
}

// connect returns the queues' home: in memory, or with a directory on the disk. It is the only place
// that knows which kinds there are.
func connect(where, dir string) (broker, error) {
	switch {
	case where != "memory":
		return nil, fmt.Errorf("no such queue: %q (only memory so far)", where)
	case dir == "":
		return localqueue.New(), nil
	}
	return localqueue.Open(filepath.Join(dir, queuesName), func(o *localqueue.Options) {
		o.SegmentSize = 8 << 20 // jobs are small; the files need not be larger than they are worth
	})
}

// queues are the URLs of the three queues.
type queues struct {
	jobs    string // paths to hash
	results string // sums, and reasons
	dead    string // jobs that failed maxReceives times
}

// create makes the queues, or finds them if they are there already. A received job stays invisible
// for the time of the lease.
func create(ctx context.Context, c client, lease time.Duration) (queues, error) {
	var q queues
	var err error
	if q.dead, err = createQueue(ctx, c, "checksums-dead", nil); err != nil {
		return queues{}, err
	}
	arn, err := attributes(ctx, c, q.dead, types.QueueAttributeNameQueueArn)
	if err != nil {
		return queues{}, err
	}
	q.jobs, err = createQueue(ctx, c, "checksums-jobs", map[string]string{
		"VisibilityTimeout": strconv.Itoa(int(lease / time.Second)),
		"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`,
			arn["QueueArn"], maxReceives),
	})
	if err != nil {
		return queues{}, err
	}
	if q.results, err = createQueue(ctx, c, "checksums-results", nil); err != nil {
		return queues{}, err
	}
	return q, nil
}

func createQueue(ctx context.Context, c client, name string, attrs map[string]string) (url string, err error) {
	out, err := c.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name, Attributes: attrs})
	if err != nil {
		return "", fmt.Errorf("create %s: %w", name, err)
	}
	return aws.ToString(out.QueueUrl), nil
}

func attributes(ctx context.Context, c client, url string, names ...types.QueueAttributeName) (map[string]string, error) {
	out, err := c.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: names})
	if err != nil {
		return nil, fmt.Errorf("attributes of %s: %w", url, err)
	}
	return out.Attributes, nil
}

// depth counts the messages of a queue, whether they are visible, in flight or delayed. On SQS the
// count is approximate: it can lag behind by some seconds.
func depth(ctx context.Context, c client, url string) (int, error) {
	counts := []types.QueueAttributeName{
		types.QueueAttributeNameApproximateNumberOfMessages,
		types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
		types.QueueAttributeNameApproximateNumberOfMessagesDelayed,
	}
	attrs, err := attributes(ctx, c, url, counts...)
	if err != nil {
		return 0, err
	}
	sum := 0
	for _, name := range counts {
		n, err := strconv.Atoi(attrs[string(name)])
		if err != nil {
			return 0, fmt.Errorf("%s of %s: %w", name, url, err)
		}
		sum += n
	}
	return sum, nil
}
