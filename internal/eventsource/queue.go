package eventsource

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/internal/attr"
)

// Queue is what a mapping knows of its queue.
type Queue struct {
	URL, ARN, Name  string
	Region, Account string
	FIFO            bool
	Visibility      time.Duration // the queue's visibility timeout, when the mapping was opened
}

// Open looks the queue up, by name or URL, and checks what Lambda checks when a mapping is made.
func Open(ctx context.Context, c Client, queue string, opts ...func(*Options)) (*Mapping, error) {
	q, err := lookUp(ctx, c, queue)
	if err != nil {
		return nil, fmt.Errorf("queue %s: %w", queue, err)
	}
	m := &Mapping{client: c, queue: q, o: newOptions(opts)}
	if err := m.o.Check(q.FIFO); err != nil {
		return nil, fmt.Errorf("queue %s: %w", q.Name, err)
	}
	if q.Visibility < m.o.Timeout {
		return nil, fmt.Errorf("queue %s: its visibility timeout, %v, is below the function's timeout, %v, which Lambda refuses: set VisibilityTimeout to %d (six times the timeout), or lower the timeout",
			q.Name, q.Visibility, m.o.Timeout, seconds(6*m.o.Timeout+m.o.Window))
	}
	return m, nil
}

// Queue returns what is known of the queue.
func (m *Mapping) Queue() Queue { return m.queue }

// Advice says what Lambda's documentation advises against, or nothing.
func (m *Mapping) Advice() string {
	q, want := m.queue, 6*m.o.Timeout+m.o.Window
	switch {
	case m.o.Window > m.window():
		return fmt.Sprintf("the batching window is cut to %v: with a visibility timeout of %v and a function timeout of %v messages would be visible again before they are handled; set VisibilityTimeout to %d or more",
			m.window(), q.Visibility, m.o.Timeout, seconds(want))
	case q.Visibility < want:
		return fmt.Sprintf("the visibility timeout, %v, is below six times the function's timeout plus the batching window, which AWS advises: %v", q.Visibility, want)
	}
	return ""
}

// window is Options.Window, as far as the visibility timeout allows.
func (m *Mapping) window() time.Duration {
	return min(m.o.Window, m.queue.Visibility-m.o.Timeout)
}

func lookUp(ctx context.Context, c Client, queue string) (Queue, error) {
	url, _, err := attr.Resolve(ctx, c, queue)
	if err != nil {
		return Queue{}, err
	}
	q := Queue{URL: url}
	out, err := c.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &q.URL, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		return q, err
	}
	q.ARN = out.Attributes["QueueArn"]
	parts := strings.Split(q.ARN, ":") // arn:aws:sqs:region:account:name
	if len(parts) != 6 {
		return q, fmt.Errorf("unexpected QueueArn %q", q.ARN)
	}
	q.Region, q.Account, q.Name = parts[3], parts[4], parts[5]
	q.FIFO = out.Attributes["FifoQueue"] == "true"
	timeout, err := strconv.Atoi(out.Attributes["VisibilityTimeout"])
	if err != nil {
		return q, errors.New("it has no VisibilityTimeout")
	}
	q.Visibility = time.Duration(timeout) * time.Second
	return q, nil
}

// seconds is d in whole seconds, rounded up.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }
