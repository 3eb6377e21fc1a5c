package payload

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/internal/attr"
	"github.com/quayside-go/quayside/producer"
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

// Offload stores the bodies of large messages, and sends a pointer in place of each;
// middleware.Payload of this module, and the Amazon SQS Extended Client Libraries, are
// the other end. It takes one attribute: a message that is to be offloaded and has ten
// already, Type's among them, is not sent. Neither is one with an attribute of a reserved
// name, which readers would take for a pointer, unless it is one: that is sent as it is.
//
// It belongs behind middleware that changes bodies or refuses messages: what is compressed
// (middleware.Compress) may turn out not to be large. It belongs before middleware that
// adds attributes where there is room, as middleware.Tracing does: it needs the room.
//
// On a FIFO queue that makes deduplication ids of contents, equal messages that are
// offloaded are not known as duplicates: the pointer is another one each time. See
// Options.ContentIDs.
//
// If SQS refuses the message, or it never gets there, the object is deleted, unless the
// context of Send has ended, and Send waits for that, up to 5 seconds. It is kept if the
// message may have been sent nevertheless, as after errors of the network, and where that
// cannot be told, as when access is denied: an earlier try of the SDK's may have had it.
func Offload(s Store, opts ...func(*Options)) producer.Middleware {
	o := &offloader{store: s, opts: Options{Threshold: DefaultThreshold}}
	for _, f := range opts {
		if f != nil {
			f(&o.opts)
		}
	}
	if o.opts.Threshold == 0 {
		o.opts.Threshold = DefaultThreshold
	}
	o.name = Attribute
	if o.opts.LegacyAttribute {
		o.name = LegacyAttribute
	}
	wrong := o.check()
	return func(ctx context.Context, m *producer.Message) (func(producer.Sent, error), error) {
		if wrong != nil {
			return nil, fmt.Errorf("payload: Offload: %w", wrong)
		}
		if name := reserved(m); name != "" {
			if _, err := ParsePointer(m.Body); err != nil {
				return nil, fmt.Errorf("payload: the message has the attribute %s, which is reserved for pointers", name)
			}
			return nil, nil // somebody has offloaded it before
		}
		if !o.wanted(m) {
			return nil, nil
		}
		return o.offload(ctx, m)
	}
}

type offloader struct {
	store Store
	opts  Options
	name  string // of the attribute
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

// wanted reports whether the body of m is to be stored. What Send refuses because of its
// body, it should see.
func (o *offloader) wanted(m *producer.Message) bool {
	switch {
	case m.Body == "":
		return false
	case !utf8.ValidString(m.Body):
		return o.opts.Binary
	case o.opts.Binary && strings.ContainsFunc(m.Body, refusedRune):
		return true
	}
	return o.opts.Always || size(m) > o.opts.Threshold
}

// refusedRune reports whether SQS takes no body with r, which is of valid UTF-8.
func refusedRune(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}

// size counts the bytes of m as SQS will.
func size(m *producer.Message) int {
	n := len(m.Body)
	if m.Type != "" {
		n += len(attr.Type) + len("String") + len(m.Type)
	}
	for name, v := range m.Attributes {
		if name == attr.Type && m.Type != "" {
			continue // Type will take its place
		}
		n += len(name) + len(v.BinaryValue)
		for _, s := range []*string{v.DataType, v.StringValue} {
			if s != nil {
				n += len(*s)
			}
		}
	}
	return n
}

// offload stores the body of m.
func (o *offloader) offload(ctx context.Context, m *producer.Message) (func(producer.Sent, error), error) {
	if n := attributes(m); n >= attr.MaxAttributes {
		return nil, fmt.Errorf("payload: the message has %d attributes, want at most %d: one is needed for the pointer", n, attr.MaxAttributes-1)
	}
	key := newKey(o.opts.Prefix)
	size := len(m.Body)
	if err := o.store.Put(ctx, key, strings.NewReader(m.Body), int64(size)); err != nil {
		o.left(key, err)
		return nil, fmt.Errorf("payload: store the body, of %d bytes: %w", size, err)
	}
	if o.opts.ContentIDs && attr.IsFIFO(m.Queue()) && m.DeduplicationID == "" {
		sum := sha256.Sum256([]byte(m.Body))
		m.DeduplicationID = attr.BodyID + hex.EncodeToString(sum[:])
	}
	m.Body = Pointer{Bucket: o.store.Bucket(), Key: key}.String()
	if m.Attributes = maps.Clone(m.Attributes); m.Attributes == nil {
		m.Attributes = make(map[string]types.MessageAttributeValue, 1)
	}
	m.Attributes[o.name] = types.MessageAttributeValue{DataType: new("Number"), StringValue: new(strconv.Itoa(size))}
	return func(_ producer.Sent, err error) {
		if err != nil {
			o.failed(ctx, key, err)
		}
	}, nil
}

// reserved returns the name of the attribute by which readers take m for a pointer.
func reserved(m *producer.Message) string {
	for _, name := range []string{Attribute, LegacyAttribute} {
		if _, there := m.Attributes[name]; there {
			return name
		}
	}
	return ""
}

// attributes counts those that m will be sent with.
func attributes(m *producer.Message) int {
	n := len(m.Attributes)
	if _, there := m.Attributes[attr.Type]; m.Type != "" && !there {
		n++
	}
	return n
}

// failed deletes what is stored under key if the message, whose Send has failed with err,
// was not sent for sure. ctx is that of Send, which is not to be held up.
func (o *offloader) failed(ctx context.Context, key string, err error) {
	if !refused(err) {
		o.left(key, err)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, deleteTimeout)
	defer cancel()
	if err := o.store.Delete(ctx, key); err != nil {
		o.left(key, err)
	}
}

func (o *offloader) left(key string, err error) {
	if o.opts.OnLeft != nil {
		o.opts.OnLeft(key, err)
	}
}
