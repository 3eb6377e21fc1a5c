package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/internal/attr"
)

const (
	// fallbackVisibility is asked for explicitly when the queue's own is not
	// known, or is 0, with which nothing could be handled in peace.
	fallbackVisibility = 30 * time.Second
	// lookUpTimeout is for one question of find, with all tries.
	lookUpTimeout = 30 * time.Second
)

// queue is what a run knows of its queue.
type queue struct {
	given string // name or URL
	owner string // its account; "": the client's own
	name  string
	url   string
	fifo  bool

	visibility time.Duration // how long a received message stays invisible
	explicit   bool          // receives must ask for it: it is not the queue's own
	maxSize    int64         // bytes a message may have

	// Of the redrive policy; zero if there is none, or it could not be read.
	maxReceives     int
	deadLetter      string // name of the dead-letter queue
	deadLetterOwner string // its account

	settings map[string]string // nil: they could not be read
}

func newQueue(given, owner string) queue {
	return queue{given: given, owner: owner, name: attr.QueueName(given), fifo: attr.IsFIFO(given)}
}

// exhausted reports whether a message that has been received, or tried, n times
// has had all that the redrive policy allows.
func (q *queue) exhausted(n int) bool { return q.maxReceives > 0 && n >= q.maxReceives }

// find fills r.queue: its URL by its name, and the settings that matter. What may
// pass is tried again for lookUpTimeout.
func (r *run) find(ctx context.Context) error {
	err := r.persist(ctx, func(ctx context.Context) error {
		start := time.Now()
		url, asked, err := attr.ResolveOf(ctx, r.client, r.queue.given, r.queue.owner)
		if asked {
			r.request(Event{Action: "GetQueueUrl", Err: err, Start: start}, nil)
		}
		r.queue.url = url
		return err
	})
	if err != nil {
		return fmt.Errorf("find queue: %w", r.explain(err))
	}
	return r.readSettings(ctx)
}

// persist makes a request until it is answered, refused for good, or time is up.
func (r *run) persist(ctx context.Context, request func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, lookUpTimeout)
	defer cancel()
	for n := 1; ; n++ {
		err := request(ctx)
		if err == nil || !passing(err) || ctx.Err() != nil {
			return err
		}
		if sleep(ctx, backoff(n)); ctx.Err() != nil {
			return err
		}
	}
}

// readSettings is the second half of find.
func (r *run) readSettings(ctx context.Context) error {
	var out *sqs.GetQueueAttributesOutput
	err := r.persist(ctx, func(ctx context.Context) (err error) {
		start := time.Now()
		out, err = r.client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
			QueueUrl:       &r.queue.url,
			AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
		}, onlyOnce...)
		e := Event{Action: "GetQueueAttributes", Err: err, Start: start}
		if out != nil {
			e.RequestID = attr.RequestID(out.ResultMetadata)
		}
		r.request(e, nil)
		return err
	})
	if err != nil && !denied(err) {
		return fmt.Errorf("read settings of queue %q: %w", r.queue.name, r.explain(err))
	}
	if err == nil && out != nil {
		r.queue.settings = out.Attributes
	}
	r.queue.apply()
	return nil
}

// apply takes from the queue's settings what a run needs.
func (q *queue) apply() {
	q.visibility, q.explicit = fallbackVisibility, true
	if s := q.number(types.QueueAttributeNameVisibilityTimeout); s > 0 {
		q.visibility, q.explicit = time.Duration(s)*time.Second, false
	}
	q.maxSize = 1 << 20
	if n := q.number(types.QueueAttributeNameMaximumMessageSize); n > 0 {
		q.maxSize = int64(n)
	}
	var redrive struct {
		Target      string          `json:"deadLetterTargetArn"`
		MaxReceives json.RawMessage `json:"maxReceiveCount"` // a number, or one in quotes
	}
	policy := q.settings[string(types.QueueAttributeNameRedrivePolicy)]
	if json.Unmarshal([]byte(policy), &redrive) != nil {
		return
	}
	arn := strings.Split(redrive.Target, ":") // arn:aws:sqs:REGION:ACCOUNT:NAME
	max, err := strconv.Atoi(strings.Trim(string(redrive.MaxReceives), `"`))
	if len(arn) == 6 && err == nil {
		q.maxReceives, q.deadLetterOwner, q.deadLetter = max, arn[4], arn[5]
	}
}

// number returns a setting that is a number, -1 if it is not known.
func (q *queue) number(name types.QueueAttributeName) int {
	n, err := strconv.Atoi(q.settings[string(name)])
	if err != nil {
		return -1
	}
	return n
}

func (r *run) explain(err error) error { return attr.Explain(r.client, r.queue.given, err) }
