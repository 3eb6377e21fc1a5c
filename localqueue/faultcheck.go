package localqueue

import (
	"fmt"
	"slices"
	"strings"
)

// faultKind is what a kind of fault goes with.
type faultKind struct {
	actions  []string // nil: all
	standard bool     // FIFO queues do not have it
	delay    delayRule
}

type delayRule uint8

const (
	noDelay delayRule = iota
	mayDelay
	mustDelay
)

var (
	receiveAction = []string{"ReceiveMessage"}
	deleteActions = []string{"DeleteMessage", "DeleteMessageBatch"}
	batchActions  = []string{"SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch"}
)

var faultKinds = map[FaultKind]faultKind{
	Slow:         {delay: mustDelay},
	LostRequest:  {},
	Throttled:    {},
	ServerError:  {},
	LostReply:    {},
	Duplicate:    {actions: receiveAction, standard: true, delay: mayDelay},
	Reorder:      {actions: receiveAction, standard: true},
	FalseEmpty:   {actions: receiveAction, standard: true},
	SlowDelete:   {actions: deleteActions, standard: true, delay: mustDelay},
	StaleDelete:  {actions: deleteActions, standard: true},
	PartialBatch: {actions: batchActions},
}

func (f Faults) check() error {
	for i, r := range f.Rules {
		if err := r.check(); err != nil {
			return fmt.Errorf("localqueue: Faults.Rules[%d]: %w", i, err)
		}
	}
	return nil
}

func (r Fault) check() error {
	k, ok := faultKinds[r.Kind]
	switch {
	case !ok:
		return fmt.Errorf("there is no kind of fault %q", r.Kind)
	case !(r.Rate >= 0 && r.Rate <= 1): // nor is NaN one
		return fmt.Errorf("the rate %v of %s is not from 0 to 1", r.Rate, r.Kind)
	case r.Delay < 0:
		return fmt.Errorf("the delay %v of %s is negative", r.Delay, r.Kind)
	case r.Delay == 0 && k.delay == mustDelay:
		return fmt.Errorf("%s needs a delay", r.Kind)
	case r.Delay > 0 && k.delay == noDelay:
		return fmt.Errorf("%s has no delay", r.Kind)
	}
	if err := r.checkAction(k); err != nil {
		return err
	}
	return r.checkQueue(k)
}

func (r Fault) checkAction(k faultKind) error {
	if r.Action == "" {
		return nil
	}
	if _, ok := routes[r.Action]; !ok {
		return fmt.Errorf("SQS has no action %q", r.Action)
	}
	if k.actions != nil && !slices.Contains(k.actions, r.Action) {
		return fmt.Errorf("%s does not go with %s, only with %s", r.Kind, r.Action, strings.Join(k.actions, ", "))
	}
	return nil
}

func (r Fault) checkQueue(k faultKind) error {
	switch {
	case strings.ContainsAny(r.Queue, "/:"):
		return fmt.Errorf("%q is not the name of a queue", r.Queue)
	case r.Queue != "" && r.Action == "ListQueues":
		return fmt.Errorf("ListQueues concerns no queue, such as %q", r.Queue)
	case k.standard && strings.HasSuffix(r.Queue, ".fifo"):
		return fmt.Errorf("FIFO queues, such as %s, do not know %s", r.Queue, r.Kind)
	}
	return nil
}
