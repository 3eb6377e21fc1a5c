package payload

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

const (
	// DefaultThreshold is Options.Threshold unless set otherwise: what the Amazon clients
	// have, from the time when SQS took no more.
	DefaultThreshold = 256 << 10
	maxThreshold     = 1 << 20 // what SQS takes today

	// deleteTimeout is what Send may take longer because of an object to be deleted.
	deleteTimeout = 5 * time.Second
)

// Options are what Offload's functions may change.
type Options struct {
	// Threshold is how many bytes a message may have to be sent as it is: its body, and
	// name, type and value of each attribute, as SQS counts. Default, and meaning of 0:
	// DefaultThreshold; at most 1 MiB, which is what SQS takes.
	Threshold int

	// Always has every body stored, however small.
	Always bool

	// Prefix comes before the UUID that is an object's key: letters, digits and ./_-,
	// at most 988. Any other makes Send fail.
	Prefix string

	// LegacyAttribute names the attribute SQSLargePayloadSize, for readers that know no
	// other name.
	LegacyAttribute bool

	// Binary has bodies stored, however small, that SQS does not take: what is not text in
	// UTF-8, or has control characters other than tab, line feed and carriage return. Those
	// of the Amazon clients that read text cannot read what is not UTF-8.
	Binary bool

	// ContentIDs says that a FIFO queue is one that makes deduplication ids of contents: a
	// message that is offloaded and has no DeduplicationID gets one made of its body,
	// "Quayside.Body." and the SHA-256, so that SQS drops equal messages as it does those
	// that are not offloaded. On other FIFO queues leave it false: SQS refuses messages
	// without an id there, and with it would take them, and drop equal ones.
	ContentIDs bool

	// OnLeft, if not nil, is told of objects that may have been left behind, with the
	// reason: the error of Send, or that of the store. Many goroutines may call it at once.
	OnLeft func(key string, err error)
}

type offloader struct {
	store Store
	opts  Options
	name  string // of the attribute
}

func newOffloader(s Store, threshold int, opts []func(*Options)) *offloader {
	o := &offloader{store: s, name: Attribute, opts: Options{Threshold: threshold}}
	for _, f := range opts {
		if f != nil {
			f(&o.opts)
		}
	}
	o.opts.Threshold = cmp.Or(o.opts.Threshold, threshold)
	if o.opts.LegacyAttribute {
		o.name = LegacyAttribute
	}
	return o
}

// check says what is wrong with the options.
func (o *offloader) check() error {
	switch {
	case o.store == nil:
		return errors.New("it needs a Store")
	case o.opts.Threshold < 0 || o.opts.Threshold > maxThreshold:
		return fmt.Errorf("a Threshold of %d, want 0 to %d", o.opts.Threshold, maxThreshold)
	}
	return checkPrefix(o.opts.Prefix)
}
