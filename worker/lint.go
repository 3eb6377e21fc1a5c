package worker

import (
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// lint tells the hook of settings that work, but carry a risk.
func (r *run) lint() {
	if r.opts.Hook == nil {
		return
	}
	for _, err := range r.risks() {
		r.event(r.values, Event{Kind: EventWarning, Err: err})
	}
}

func (r *run) risks() (errs []error) {
	q := &r.queue
	if q.settings == nil {
		return []error{errors.New("the settings of the queue cannot be read (sqs:GetQueueAttributes is denied): " +
			"it is received from with a visibility timeout of 30 s, and the worker knows no dead-letter queue and no maxReceiveCount")}
	}
	if q.explicit {
		errs = append(errs, errors.New("the queue's visibility timeout is 0: it is received from with one of 30 s"))
	} else if q.visibility < 5*time.Second {
		errs = append(errs, fmt.Errorf("the queue's visibility timeout of %v leaves little time to extend it in: messages may run twice", q.visibility))
	}
	switch {
	case q.maxReceives == 0:
		errs = append(errs, errors.New("the queue has no dead-letter queue: a message that always fails comes again until its retention period is over"))
	case q.maxReceives == 1:
		errs = append(errs, errors.New("maxReceiveCount is 1: a message whose receive is lost, or which is given back, goes to the dead-letter queue unhandled"))
	case q.fifo && q.maxReceives == 2:
		errs = append(errs, errors.New("maxReceiveCount is 2: a message that is given back once, behind another of its group that failed, has one receive left"))
	}
	if s := q.number(types.QueueAttributeNameMessageRetentionPeriod); s > 0 && q.maxReceives > 0 {
		retention := time.Duration(s) * time.Second
		if least := time.Duration(q.maxReceives) * q.visibility; least > retention {
			errs = append(errs, fmt.Errorf("the retention period of %v is shorter than maxReceiveCount visibility timeouts (%v): messages may expire before they reach the dead-letter queue", retention, least))
		}
	}
	if r.opts.Policy.DeleteWithin > q.visibility/2 {
		errs = append(errs, fmt.Errorf("Policy.DeleteWithin (%v) is more than half the visibility timeout (%v)", r.opts.Policy.DeleteWithin, q.visibility))
	}
	return errs
}
