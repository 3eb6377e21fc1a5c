package killtest_test

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// remember keeps x in a sample of at most n.
func remember[T any](r *rand.Rand, sample *[]T, x T, n int) {
	if len(*sample) < n {
		*sample = append(*sample, x)
	} else {
		(*sample)[r.IntN(n)] = x
	}
}

// receive receives from q and notes what came; visible 0 means the queue's timeout.
func (w *worker) receive(q *queue, most int, visible, wait time.Duration) []*delivery {
	in := &sqs.ReceiveMessageInput{
		QueueUrl: w.url(q.name), MaxNumberOfMessages: int32(most),
		VisibilityTimeout: int32(visible / time.Second), WaitTimeSeconds: int32(wait / time.Second),
		MessageAttributeNames:       []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"},
	}
	if visible == 0 {
		visible = q.visible
	}
	o := w.begin()
	w.book.mu.Lock()
	a, repeated := w.newAttempt(q, o, visible)
	stood := a != nil && a.stands(repeated)
	q.under = append(q.under, o)
	w.book.mu.Unlock()
	if a != nil {
		in.ReceiveRequestAttemptId = &a.id
	}
	out := ask(w, o, w.sqs.ReceiveMessage, in)
	w.unexpected(o, "a receive from "+q.name)
	w.book.mu.Lock()
	defer w.book.mu.Unlock()
	q.under = slices.DeleteFunc(q.under, func(x *op) bool { return x == o })
	if o.fate == lost {
		q.missed = append(q.missed, o)
		q.scene.missed = append(q.scene.missed, o)
	}
	r := &receive{op: o, queue: q, attempt: a}
	var all []*delivery
	if out != nil {
		for _, m := range out.Messages {
			if d := w.book.received(r, visible, m); d != nil {
				all = append(all, d)
				remember(w.rng, &q.known, d, 300)
			}
		}
	}
	if a != nil {
		w.concluded(q, o, a, repeated, stood, all)
	}
	return all
}

// traffic is one step of a client that sends to q and consumes what is there.
func (w *worker) traffic(q *queue) {
	w.book.mu.Lock()
	full := q.scene.backlog > backlogOf
	w.book.mu.Unlock()
	switch n := w.rng.IntN(100); {
	case n < 45 && !full:
		w.send(q, w.batch())
	case n < 95:
		w.consume(q)
	default:
		w.deleteOld(q)
	}
}

// batch draws the size of a request: often one.
func (w *worker) batch() int {
	if chance(w.rng, 50) {
		return 1
	}
	return 1 + w.rng.IntN(10)
}

// consume receives from q once: deletes most of what comes, changes the visibility of
// some, leaves some.
func (w *worker) consume(q *queue) {
	var wait time.Duration
	if chance(w.rng, 10) {
		wait = time.Second
	}
	visible := time.Duration(w.rng.IntN(3)) * time.Second
	var deletes, changes []*delivery
	all := w.receive(q, w.batch(), visible, wait)
	if q.fifo && chance(w.rng, 15) {
		return // so that the receive can be repeated
	}
	for _, d := range all {
		switch n := w.rng.IntN(100); {
		case n < 60:
			deletes = append(deletes, d)
		case n < 85:
			changes = append(changes, d)
		}
	}
	w.change(q, changes, w.timeout(), chance(w.rng, 50))
	w.delete(q, deletes, chance(w.rng, 50))
}

// long is a timeout that no test waits for.
const long = 60 * time.Second

// timeout draws one for ChangeMessageVisibility.
func (w *worker) timeout() time.Duration {
	return pick(w.rng, 0, 0, time.Second, 2*time.Second, long)
}

// failing sends to a queue with a redrive policy, and fails to handle what comes.
func (w *worker) failing(q *queue) {
	w.book.mu.Lock()
	full := q.scene.backlog > backlogOf
	w.book.mu.Unlock()
	if chance(w.rng, 40) && !full {
		w.send(q, w.batch())
		return
	}
	var deletes, back []*delivery
	for _, d := range w.receive(q, 10, 0, 0) {
		switch n := w.rng.IntN(100); {
		case n < 20:
			deletes = append(deletes, d)
		case n < 85:
			back = append(back, d)
		}
	}
	w.change(q, back, 0, true)
	w.delete(q, deletes, true)
	if len(back) == 0 {
		w.pause(5 * time.Millisecond)
	}
}

// deposit sends what stays.
func (w *worker) deposit(q *queue) {
	w.book.mu.Lock()
	full := q.scene.backlog > backlogOf
	w.book.mu.Unlock()
	if !full {
		w.send(q, w.batch())
	}
	w.pause(100 * time.Millisecond)
}
