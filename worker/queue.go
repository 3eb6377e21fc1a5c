package worker

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/internal/attr"
)

const (
	// fallbackVisibility is asked for explicitly when the queue's own is not
	// known, or is 0, with which nothing could be handled in peace.
	fallbackVisibility = 30 * time.Second
	// lookUpTimeout is for one request of find, the SDK's retries included.
	lookUpTimeout = 30 * time.Second
)

// queue is what a run knows of its queue.
type queue struct {
	name string
	url  string
	fifo bool

	visibility time.Duration // how long a received message stays invisible
	explicit   bool          // receives must ask for it: it is not the queue's own
}

// find fills r.queue: its URL by its name, and the settings that matter. The
// SDK retries by itself, so an error here is final.
func (r *run) find(ctx context.Context) error {
	start := time.Now()
	timed, cancel := context.WithTimeout(ctx, lookUpTimeout)
	defer cancel()
	url, asked, err := attr.Resolve(timed, r.worker.client, r.worker.queue)
	if asked {
		r.request("GetQueueUrl", start, nil, err)
	}
	if err != nil {
		return fmt.Errorf("find queue: %w", r.explain(err))
	}
	r.queue.url = url
	return r.readSettings(ctx)
}

// readSettings is the second half of find.
func (r *run) readSettings(ctx context.Context) error {
	start := time.Now()
	timed, cancel := context.WithTimeout(ctx, lookUpTimeout)
	defer cancel()
	name := types.QueueAttributeNameVisibilityTimeout
	out, err := r.worker.client.GetQueueAttributes(timed, &sqs.GetQueueAttributesInput{
		QueueUrl:       &r.queue.url,
		AttributeNames: []types.QueueAttributeName{name},
	})
	r.request("GetQueueAttributes", start, nil, err)
	if err != nil && !denied(err) {
		return fmt.Errorf("read settings of queue %q: %w", r.queue.name, r.explain(err))
	}
	r.queue.visibility, r.queue.explicit = fallbackVisibility, true
	if err == nil && out != nil {
		if s, err := strconv.Atoi(out.Attributes[string(name)]); err == nil && s > 0 {
			r.queue.visibility, r.queue.explicit = time.Duration(s)*time.Second, false
		}
	}
	return nil
}

func (r *run) explain(err error) error { return attr.Explain(r.worker.client, r.worker.queue, err) }
