package eventsource

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// A receive waits for so long, in whole seconds: SQS lets it wait for no longer, and none is
// asked for, as an SDK cannot ask for no waiting where the queue has a waiting time of its own.
const (
	minWait = time.Second
	maxWait = 20 * time.Second
)

// gather receives a batch. It is empty if nothing came within a long poll; beside an error
// there may be messages that came before it. What does not fit is held for the next one;
// a batch of a FIFO queue is whole, for handle to invoke in parts.
func (m *Mapping) gather(ctx context.Context) ([]message, error) {
	batch := m.held
	m.held = nil
	end, latest := m.windowEnd(batch)
	for {
		if m.full(&batch) {
			return batch, nil
		}
		wait := maxWait
		if len(batch) > 0 {
			now := time.Now()
			if wait = end.Sub(now); wait <= 0 || latest.Sub(now) < minWait {
				return batch, nil
			}
		}
		came, err := m.receive(ctx, min(receiveMax, m.o.BatchSize-len(batch)), wait)
		if len(batch) == 0 {
			end, latest = m.windowEnd(came)
		}
		batch = append(batch, came...)
		if err != nil || len(batch) == 0 {
			return batch, err
		}
	}
}

// windowEnd is when a batch ends that begins now, with these messages, and when the function
// must begin if it is to be done before they are visible again: those that were held have
// waited already.
func (m *Mapping) windowEnd(batch []message) (end, latest time.Time) {
	end = time.Now().Add(m.o.Window)
	if len(batch) == 0 {
		return end, end
	}
	latest = firstVisible(batch).Add(-m.o.Timeout)
	if latest.Before(end) {
		end = latest
	}
	return end, latest
}

// full reports whether no message fits into the batch any more, and holds those back that did not.
func (m *Mapping) full(batch *[]message) bool {
	if m.queue.FIFO {
		return len(*batch) > 0
	}
	*batch, m.held = cutPayload(*batch)
	return len(m.held) > 0 || len(*batch) >= m.o.BatchSize
}

// receive receives up to n messages, and waits for the first as long as said, or nearly.
func (m *Mapping) receive(ctx context.Context, n int, wait time.Duration) ([]message, error) {
	out, err := m.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &m.queue.URL, MaxNumberOfMessages: int32(n),
		WaitTimeSeconds:             int32(max(minWait, min(wait, maxWait)) / time.Second),
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
		MessageAttributeNames:       []string{"All"},
	})
	if err != nil {
		return nil, err
	}
	visibleAt := time.Now().Add(m.queue.Visibility)
	var came []message
	for _, raw := range out.Messages {
		g, err := m.queue.message(raw, visibleAt)
		if err != nil {
			return came, err
		}
		came = append(came, g)
	}
	return came, nil
}
