package eventsource

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"golang.org/x/sync/errgroup"

	"github.com/quayside-go/quayside/internal/attr"
)

const (
	deleteTries  = 10 // with pauses between them that double, within deleteLimit
	deletersEach = 4  // goroutines for the deletes of one batch
	// deleteLimit is how long it may take to delete ten messages, all tries together, how long
	// deletes may go on once Options.Drain is over, and how long they may in any case.
	deleteLimit = 30 * time.Second
)

// errUnmentioned is why an entry is sent again that a reply says nothing about.
var errUnmentioned = errors.New("the reply does not mention the message")

// delete deletes messages, and returns how many could not be, and why the last of them.
// It does not end with the context of the invocation, as what is handled must go, but
// deleteLimit later; and once nothing came of a request and its tries, no more are sent.
func (m *Mapping) delete(ctx context.Context, done []message) (undeleted int, why error) {
	ctx, end := outlast(ctx, deleteLimit)
	defer end()
	ctx, cancel := context.WithDeadline(ctx, deleteUntil(done))
	defer cancel()
	var mu sync.Mutex
	var stop atomic.Bool
	var g errgroup.Group
	g.SetLimit(deletersEach)
	for chunk := range slices.Chunk(done, receiveMax) {
		g.Go(func() error {
			left, inVain, err := len(chunk), false, error(nil)
			if !stop.Load() {
				left, inVain, err = m.deleteTen(ctx, chunk)
			}
			if inVain {
				stop.Store(true)
			}
			mu.Lock()
			defer mu.Unlock()
			undeleted += left
			if err != nil {
				why = err
			}
			return nil
		})
	}
	_ = g.Wait()
	return undeleted, why
}

// deleteUntil is when deletes end: when the messages are visible again, but not before deleteLimit.
func deleteUntil(done []message) time.Time {
	until := time.Now().Add(deleteLimit)
	for i := range done {
		if at := done[i].visibleAt; at.After(until) {
			until = at
		}
	}
	return until
}

// outlast returns a context that ends so long after ctx does.
func outlast(ctx context.Context, by time.Duration) (later context.Context, end func()) {
	later, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(by)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-later.Done():
		}
	})
	return later, func() {
		stop()
		cancel()
	}
}

// deleteTen deletes up to ten messages in a request, and again those entries that failed
// through no fault of the request's. All of it is in vain if SQS does not even refuse one.
func (m *Mapping) deleteTen(ctx context.Context, chunk []message) (undeleted int, inVain bool, why error) {
	all := len(chunk)
	ctx, cancel := context.WithTimeout(ctx, deleteLimit)
	defer cancel()
	pause := newBackoff()
	for try := 1; ; try++ {
		again, refused, err := m.tryDelete(ctx, chunk)
		undeleted += refused
		if err != nil && (why == nil || ctx.Err() == nil) { // the limit says less than what came before
			why = err
		}
		if len(again) == 0 || try == deleteTries || ctx.Err() != nil {
			return undeleted + len(again), len(again) == all, why
		}
		chunk = again
		pause.wait(ctx)
	}
}

// tryDelete sends one request. Its entries are named by their position: ids may be there
// twice. Only what the reply says is deleted is.
func (m *Mapping) tryDelete(ctx context.Context, chunk []message) (again []message, refused int, why error) {
	entries := make([]types.DeleteMessageBatchRequestEntry, len(chunk))
	for i := range chunk {
		entries[i] = types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: &chunk[i].handle}
	}
	out, err := m.client.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &m.queue.URL, Entries: entries})
	if attr.Fatal(err) {
		return nil, len(chunk), err
	}
	if err != nil {
		return chunk, 0, err
	}
	settled := make(map[string]bool) // by id
	for _, s := range out.Successful {
		settled[aws.ToString(s.Id)] = true
	}
	for _, f := range out.Failed {
		why = entryError(f)
		if f.SenderFault {
			settled[aws.ToString(f.Id)] = true
			refused++
		}
	}
	for i := range chunk {
		if !settled[strconv.Itoa(i)] {
			again = append(again, chunk[i])
		}
	}
	if len(again) > 0 && why == nil {
		why = errUnmentioned
	}
	return again, refused, why
}

// entryError is why an entry of a request failed.
func entryError(f types.BatchResultErrorEntry) error {
	return fmt.Errorf("%s: %s", aws.ToString(f.Code), aws.ToString(f.Message))
}
