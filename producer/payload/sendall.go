package payload

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/quayside-go/quayside/internal/attr"
	"github.com/quayside-go/quayside/producer"
)

// perRequest is how many messages SQS takes in a request, maxThreshold bytes together.
const perRequest = 10

// SendAll sends ms as [producer.Producer.SendAll] does, and lets ten share a request
// whatever they hold: where ten that follow one another are larger together than the 1 MiB
// of a request, it stores the largest bodies, no more of them than it takes. All that are to
// be stored are before the first is sent. Bodies are stored in any case that [Offload] with
// the same options would store; only that Options.Threshold is 1 MiB by default here.
//
// A request more costs less than an object of S3 does: this is for stores of one's own, and
// for where requests take long.
//
// p's middleware comes after it, and sees pointers: a p that offloads by itself sends them as
// they are. Bodies that middleware makes larger may not fit any more, and go with another
// request.
func SendAll(ctx context.Context, p *producer.Producer, s Store, ms []producer.Message, opts ...func(*Options)) ([]producer.Result, error) {
	o := newOffloader(s, maxThreshold, opts)
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("payload: SendAll: %w", err)
	}
	all := make([]sending, 0, len(ms))
	defer func() { tell(all) }() // should the middleware panic too
	for ; len(ms) > 0; ms = ms[min(len(ms), perRequest):] {
		all = append(all, o.fit(ctx, p, ms[:min(len(ms), perRequest)])...)
	}
	send := make([]producer.Message, 0, len(all))
	for i := range all {
		if all[i].result.Err == nil {
			send = append(send, all[i].message)
		}
	}
	sent, _ := p.SendAll(ctx, send...)
	return collect(all, sent, p.Queue())
}

// collect puts the results of those that were sent beside those of the others.
func collect(all []sending, sent []producer.Result, queue string) ([]producer.Result, error) {
	results := make([]producer.Result, len(all))
	failed, first := 0, error(nil)
	for i := range all {
		t := &all[i]
		if t.result.Err == nil {
			t.result, sent = sent[0], sent[1:]
		}
		t.known = true
		if results[i] = t.result; t.result.Err != nil {
			if failed++; failed == 1 {
				first = fmt.Errorf("message %d: %w", i, t.result.Err)
			}
		}
	}
	if failed == 0 {
		return results, nil
	}
	return results, fmt.Errorf("payload: send to %q: %d of %d messages failed; %w", queue, failed, len(all), first)
}

// tell has the offloader know what became of the messages that it has stored.
func tell(all []sending) {
	for i := range all {
		t := &all[i]
		switch {
		case t.answered == nil:
		case t.known:
			t.answered(t.result.Sent, t.result.Err)
		default:
			t.answered(producer.Sent{}, errUnknown)
		}
	}
}

var errUnknown = errors.New("payload: SendAll: the middleware or the hook panicked")

// sending is a message of SendAll.
type sending struct {
	message  producer.Message
	size     int // as it will be sent
	store    bool
	answered func(producer.Sent, error) // to be told of the answer; nil: nobody
	known    bool                       // the answer
	result   producer.Result
}

// fit stores the bodies that must be stored, all at once, so that ms share a request.
func (o *offloader) fit(ctx context.Context, p *producer.Producer, ms []producer.Message) []sending {
	ten := make([]sending, len(ms))
	total := 0
	for i := range ms {
		t := &ten[i]
		t.message, t.size = ms[i], size(&ms[i])
		if t.result.Err = checkReserved(&t.message); t.result.Err != nil {
			continue // it is not sent
		}
		if o.wanted(&t.message) {
			o.choose(t)
		}
		total += t.size
	}
	for total > maxThreshold {
		largest := o.largest(ten)
		if largest == nil {
			break // they go in several requests
		}
		total -= largest.size
		o.choose(largest)
		total += largest.size
	}
	var wg sync.WaitGroup
	for i := range ten {
		if t := &ten[i]; t.store {
			wg.Go(func() { t.answered, t.result.Err = o.offload(ctx, &t.message, p.Queue()) })
		}
	}
	wg.Wait()
	return ten
}

// choose has the body of t stored.
func (o *offloader) choose(t *sending) {
	t.store = true
	t.size += o.pointerSize() - len(t.message.Body)
}

// pointerSize is how many bytes a pointer and its attribute take, or a few more.
func (o *offloader) pointerSize() int {
	p := Pointer{Bucket: o.store.Bucket(), Key: newKey(o.opts.Prefix)}
	return len(p.String()) + len(o.name) + len("Number") + len("1048576")
}

// largest returns the one of ten with the largest body that may still be stored, nil if
// there is none for which that would be of use.
func (o *offloader) largest(ten []sending) (largest *sending) {
	for i := range ten {
		t := &ten[i]
		if t.store || t.result.Err != nil || attributes(&t.message) >= attr.MaxAttributes || !o.storable(&t.message) {
			continue
		}
		if len(t.message.Body) > o.pointerSize() && (largest == nil || len(t.message.Body) > len(largest.message.Body)) {
			largest = t
		}
	}
	return largest
}
