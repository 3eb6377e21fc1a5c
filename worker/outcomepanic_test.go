package worker_test

import (
	"context"
	"errors"
	"testing"

	"github.com/quayside-go/quayside/worker"
)

// A panic is a failure, whatever was given to it.
func TestPanicsDecideNothing(t *testing.T) {
	t.Parallel()
	for _, err := range []error{worker.Discard(errors.New("no")), worker.DeadLetter(errors.New("no")), worker.Snooze(0)} {
		panicked := &worker.PanicError{Value: err}
		if got := worker.OutcomeOf(context.Background(), panicked); got != worker.Failed || worker.Decides(panicked) {
			t.Errorf("panic(%v) is %s", err, got)
		}
	}
}
