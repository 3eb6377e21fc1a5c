package worker_test

import (
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func soakNumber(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// deletes takes note of deletes that are asked for.
func (w *soakWatch) deletes(p *soakProcess, in *sqs.DeleteMessageBatchInput) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range in.Entries {
		d := w.deliveries[*e.ReceiptHandle]
		w.log.add(soakEntry{who: p.name, what: "delete", about: d.copy})
		d.deleting = true
		if d.ctx != nil && d.copy.finalBy == nil {
			w.complain(d.copy, "it is deleted, and not done")
		}
	}
}

// deleted takes note of deletes that were made.
func (w *soakWatch) deleted(in *sqs.DeleteMessageBatchInput, out *sqs.DeleteMessageBatchOutput) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range out.Successful {
		d := w.deliveries[*in.Entries[soakNumber(*e.Id)].ReceiptHandle]
		d.inTime = time.Now().Before(d.lasts)
		d.copy.deleted = d.copy.deleted || d.inTime
	}
}

// changes judges changes of visibility that are asked for.
func (w *soakWatch) changes(p *soakProcess, in *sqs.ChangeMessageVisibilityBatchInput) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	for _, e := range in.Entries {
		d := w.deliveries[*e.ReceiptHandle]
		w.log.add(soakEntry{who: p.name, what: "change", about: d.copy, count: int(e.VisibilityTimeout)})
		until := now.Add(time.Duration(e.VisibilityTimeout) * time.Second)
		if e.VisibilityTimeout > 0 {
			w.orphan(d, until)
		}
		if until.Before(d.lasts) {
			d.lasts = until // even if the reply is lost
		}
	}
}

// orphan complains of an extension for a message that is done with. A change that a
// failure asks for is repeated until it is taken, and asks for the same time. w.mu
// must be held.
func (w *soakWatch) orphan(d *soakDelivery, until time.Time) {
	switch {
	case d.process.dead.Err() != nil:
	case d.deleting:
		w.complain(d.copy, "its visibility timeout is extended after its delete was sent")
	case d.released != nil:
		w.complain(d.copy, "its visibility timeout is extended after it was released")
	case d.ended.IsZero() || d.ended.Equal(time.Now()):
	case d.asked.IsZero():
		d.asked = until
	case until.Sub(d.asked).Abs() > time.Second:
		w.complain(d.copy, "its handler has ended, and it was to be visible at %v, now at %v", d.asked, until)
	}
}

// changed takes note of changes of visibility that were made.
func (w *soakWatch) changed(in *sqs.ChangeMessageVisibilityBatchInput, out *sqs.ChangeMessageVisibilityBatchOutput) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, ok := range out.Successful {
		e := in.Entries[soakNumber(*ok.Id)]
		d := w.deliveries[*e.ReceiptHandle]
		d.lasts = time.Now().Add(time.Duration(e.VisibilityTimeout) * time.Second)
		d.expires = d.lasts
	}
}
