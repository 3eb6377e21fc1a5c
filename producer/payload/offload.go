package payload

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/internal/attr"
	"github.com/quayside-go/quayside/producer"
)

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
	o := newOffloader(s, DefaultThreshold, opts)
	wrong := o.check()
	return func(ctx context.Context, m *producer.Message) (func(producer.Sent, error), error) {
		if wrong != nil {
			return nil, fmt.Errorf("payload: Offload: %w", wrong)
		}
		if err := checkReserved(m); err != nil || !o.wanted(m) {
			return nil, err
		}
		return o.offload(ctx, m, m.Queue())
	}
}

// checkReserved says if m has a reserved attribute, and is no pointer.
func checkReserved(m *producer.Message) error {
	if name := reserved(m); name != "" {
		if _, err := ParsePointer(m.Body); err != nil {
			return fmt.Errorf("payload: the message has the attribute %s, which is reserved for pointers", name)
		}
	}
	return nil
}

// wanted reports whether the body of m is to be stored, and not because of others.
func (o *offloader) wanted(m *producer.Message) bool {
	if !o.storable(m) {
		return false
	}
	return o.opts.Always || size(m) > o.opts.Threshold || o.opts.Binary && !sendable(m.Body)
}

// storable reports whether the body of m may be stored. One that is a pointer is there
// already, and what Send refuses because of its body, it should see.
func (o *offloader) storable(m *producer.Message) bool {
	return m.Body != "" && reserved(m) == "" && (o.opts.Binary || utf8.ValidString(m.Body))
}

// sendable reports whether SQS takes body.
func sendable(body string) bool {
	return utf8.ValidString(body) && !strings.ContainsFunc(body, refusedRune)
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

// offload stores the body of m, which is for queue.
func (o *offloader) offload(ctx context.Context, m *producer.Message, queue string) (func(producer.Sent, error), error) {
	if n := attributes(m); n >= attr.MaxAttributes {
		return nil, fmt.Errorf("payload: the message has %d attributes, want at most %d: one is needed for the pointer", n, attr.MaxAttributes-1)
	}
	key := newKey(o.opts.Prefix)
	size := len(m.Body)
	if err := o.store.Put(ctx, key, strings.NewReader(m.Body), int64(size)); err != nil {
		o.left(key, err)
		return nil, fmt.Errorf("payload: store the body, of %d bytes: %w", size, err)
	}
	if o.opts.ContentIDs && attr.IsFIFO(queue) && m.DeduplicationID == "" {
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
