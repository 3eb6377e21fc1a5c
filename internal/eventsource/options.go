package eventsource

import (
	"errors"
	"fmt"
	"time"
)

// Limits of Lambda's mappings of SQS queues.
const (
	MaxBatch     = 10_000
	MaxBatchFIFO = 10
	MaxWindow    = 300 * time.Second
)

// receiveMax is how many messages one receive can have.
const receiveMax = 10

// Options are what the functions of Open may change. They are handed over filled with the
// defaults.
type Options struct {
	// BatchSize is how many messages an invocation has at most: up to 10,000, of a FIFO
	// queue up to 10. Over 10 it needs a Window of a second. Default 10.
	BatchSize int

	// Window is how long a batch is gathered, counted from its first message, up to 300
	// seconds; not on FIFO queues. Default 0: it is what one receive brings.
	Window time.Duration

	// WholeBatches switches ReportBatchItemFailures off: what a response says does not count.
	WholeBatches bool

	// Timeout is the function's, which the queue's visibility timeout must not be below.
	// Default 3 seconds, as Lambda's.
	Timeout time.Duration

	// Drain is how long invocations may go on once Run's ctx has ended. What they have handled
	// may take half a minute more to be deleted, if SQS does not answer. Default 25 seconds.
	Drain time.Duration

	// OnReport is told of each invocation, once it is settled, from several goroutines at once.
	OnReport func(Report)

	// OnError is told what went wrong and ends nothing: receives that failed, messages that
	// could not be made visible, or waited for too long.
	OnError func(error)
}

func newOptions(opts []func(*Options)) Options {
	o := Options{
		BatchSize: 10, Timeout: 3 * time.Second, Drain: 25 * time.Second,
		OnReport: func(Report) {}, OnError: func(error) {},
	}
	for _, f := range opts {
		f(&o)
	}
	return o
}

// Check finds what Lambda would refuse, for a standard or a FIFO queue.
func (o Options) Check(fifo bool) error {
	most := MaxBatch
	if fifo {
		most = MaxBatchFIFO
	}
	switch {
	case fifo && o.BatchSize > most:
		return fmt.Errorf("batch size %d: a FIFO queue has batches of 1 to %d messages", o.BatchSize, most)
	case o.BatchSize < 1 || o.BatchSize > most:
		return fmt.Errorf("batch size %d: want 1 to %d messages", o.BatchSize, most)
	case fifo && o.Window != 0:
		return errors.New("batching window: a FIFO queue has none")
	case o.Window < 0 || o.Window > MaxWindow:
		return fmt.Errorf("batching window %v: want 0s to %v", o.Window, MaxWindow)
	case o.BatchSize > receiveMax && o.Window < time.Second:
		return fmt.Errorf("batch size %d: over %d messages need a batching window of 1s or more", o.BatchSize, receiveMax)
	case o.Timeout <= 0:
		return fmt.Errorf("function timeout %v: want more than nothing", o.Timeout)
	}
	return nil
}
