package eventsource

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// releaseLimit is how long it may take to give messages back; without that they come
// when their visibility timeout ends.
const releaseLimit = 5 * time.Second

// release makes messages visible that were not handed to the function.
func (m *Mapping) release(batch []message) {
	ctx, cancel := context.WithTimeout(context.Background(), releaseLimit)
	defer cancel()
	left := 0
	var why error
	for chunk := range slices.Chunk(batch, receiveMax) {
		n, err := m.releaseTen(ctx, chunk)
		left += n
		if err != nil {
			why = err
		}
	}
	if why != nil {
		m.o.OnError(fmt.Errorf("make %d messages visible, which they are in %v by themselves: %w", left, m.queue.Visibility, why))
	}
}

// releaseTen returns how many of up to ten messages stay invisible, and why the last of them.
func (m *Mapping) releaseTen(ctx context.Context, chunk []message) (left int, why error) {
	entries := make([]types.ChangeMessageVisibilityBatchRequestEntry, len(chunk))
	for i := range chunk {
		entries[i] = types.ChangeMessageVisibilityBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: &chunk[i].handle}
	}
	out, err := m.client.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{
		QueueUrl: &m.queue.URL, Entries: entries,
	})
	if err != nil {
		return len(chunk), err
	}
	for _, f := range out.Failed {
		why = entryError(f)
	}
	return len(out.Failed), why
}
