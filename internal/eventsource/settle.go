package eventsource

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"golang.org/x/sync/errgroup"
)

const (
	deleteTries  = 10 // with pauses between them that double, within deleteLimit
	deletersEach = 4  // goroutines for the deletes of one batch
	// deleteLimit is how long it may take to delete ten messages, all tries together.
	deleteLimit = 30 * time.Second
	// releaseLimit is how long it may take to give messages back; without that they come
	// when their visibility timeout ends.
	releaseLimit = 5 * time.Second
)

// delete deletes messages, and returns how many could not be, and why the last of them.
// It does not end with the context of the invocation: what is handled must go.
func (m *Mapping) delete(done []message) (undeleted int, why error) {
	var mu sync.Mutex
	var g errgroup.Group
	g.SetLimit(deletersEach)
	for chunk := range slices.Chunk(done, receiveMax) {
		g.Go(func() error {
			n, err := m.deleteTen(chunk)
			mu.Lock()
			defer mu.Unlock()
			undeleted += n
			if err != nil {
				why = err
			}
			return nil
		})
	}
	_ = g.Wait()
	return undeleted, why
}

// deleteTen deletes up to ten messages in a request, and again those entries that failed
// through no fault of the request's.
func (m *Mapping) deleteTen(chunk []message) (undeleted int, why error) {
	ctx, cancel := context.WithTimeout(context.Background(), deleteLimit)
	defer cancel()
	pause := newBackoff()
	for try := 1; ; try++ {
		again, refused, err := m.tryDelete(ctx, chunk)
		undeleted += refused
		if err != nil {
			why = err
		}
		if len(again) == 0 || try == deleteTries {
			return undeleted + len(again), why
		}
		chunk = again
		pause.wait(ctx)
	}
}

// tryDelete sends one request. Its entries are named by their position: ids may be there twice.
func (m *Mapping) tryDelete(ctx context.Context, chunk []message) (again []message, refused int, why error) {
	entries := make([]types.DeleteMessageBatchRequestEntry, len(chunk))
	for i := range chunk {
		entries[i] = types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: &chunk[i].handle}
	}
	out, err := m.client.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &m.queue.URL, Entries: entries})
	if errors.As(err, new(*types.QueueDoesNotExist)) {
		return nil, len(chunk), err
	}
	if err != nil {
		return chunk, 0, err
	}
	for _, f := range out.Failed {
		why = fmt.Errorf("%s: %s", aws.ToString(f.Code), aws.ToString(f.Message))
		i, err := strconv.Atoi(aws.ToString(f.Id))
		if f.SenderFault || err != nil || i < 0 || i >= len(chunk) {
			refused++
			continue
		}
		again = append(again, chunk[i])
	}
	return again, refused, why
}

// release makes messages visible that were not handed to the function.
func (m *Mapping) release(batch []message) {
	ctx, cancel := context.WithTimeout(context.Background(), releaseLimit)
	defer cancel()
	for chunk := range slices.Chunk(batch, receiveMax) {
		entries := make([]types.ChangeMessageVisibilityBatchRequestEntry, len(chunk))
		for i := range chunk {
			entries[i] = types.ChangeMessageVisibilityBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: &chunk[i].handle}
		}
		if _, err := m.client.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{
			QueueUrl: &m.queue.URL, Entries: entries,
		}); err != nil {
			m.o.OnError(fmt.Errorf("making messages visible again, which they are in %v by themselves: %w", m.queue.Visibility, err))
			return
		}
	}
}
