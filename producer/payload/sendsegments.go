package payload

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/internal/attr"
	"github.com/quayside-go/quayside/producer"
)

const (
	// DefaultPartSize is SegmentOptions.PartSize unless set otherwise: fifteen of the 64 KiB
	// of which SQS bills each as a request, and 64 KiB less than what it takes, as room for
	// what is added on the way.
	DefaultPartSize = 960 << 10
	// DefaultMaxBytes is SegmentOptions.MaxBytes unless set otherwise.
	DefaultMaxBytes = 64 << 20

	// leastRoom is for the body of a part whose attributes take most of it.
	leastRoom = 1 << 10
)

// SegmentOptions are what SendSegments' functions may change.
type SegmentOptions struct {
	// PartSize is how many bytes a message may have: body, and name, type and value of each
	// attribute, as SQS counts. Each part needs a permit of the worker, so there should be
	// few; a queue whose MaximumMessageSize is less than 1 MiB needs it smaller than that.
	// Default, and meaning of 0: DefaultPartSize; at most 1 MiB.
	PartSize int

	// MaxBytes is how many bytes a body may have; one with more is not sent. Default, and
	// meaning of 0: DefaultMaxBytes.
	MaxBytes int64
}

// SendSegments sends m by p: as it is if it is no larger than SegmentOptions.PartSize, and
// otherwise in several messages, whose handlers see one if they are behind
// middleware.Segments of this module. It is for those who have no store; see the
// package's documentation for what it costs.
//
// Each part is a message of its own: with m's Type, Group, Delay and TraceHeader and all of
// its attributes, so that what looks at messages before they are joined (gates, hooks, a
// person at the dead-letter queue) finds them on each, and with [SegmentAttribute]. So a
// message that is to be cut may have nine attributes, Type's among them. Bodies are cut
// between characters. The middleware of p sees each part: middleware.Compress compresses
// each by itself.
//
// It returns what became of each part, as [producer.Producer.SendAll] does. The first is
// sent by itself: if it is not, none is. If others are not, as when Close comes in between,
// the error says so. Those
// that were sent stay in the queue then, and no worker hands them to a handler: workers give
// them back until a redrive policy moves them to the dead-letter queue, or the queue's
// retention period ends. To send m once more is safe, as it is another payload then; but if
// parts may have been sent though no answer came, it may be handled twice, like any message.
//
// What needs several parts needs a standard queue. SQS delivers no further message of a FIFO queue's group
// while one is in flight, so a worker could never have all parts; in groups of their own,
// parts would have no order.
func SendSegments(ctx context.Context, p *producer.Producer, m producer.Message, opts ...func(*SegmentOptions)) ([]producer.Result, error) {
	o := SegmentOptions{PartSize: DefaultPartSize, MaxBytes: DefaultMaxBytes}
	for _, f := range opts {
		if f != nil {
			f(&o)
		}
	}
	if o.PartSize == 0 {
		o.PartSize = DefaultPartSize
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	switch _, reserved := m.Attributes[SegmentAttribute]; {
	case o.PartSize < 0 || o.PartSize > maxThreshold:
		return nil, attr.Unsent(fmt.Errorf("payload: SendSegments: a PartSize of %d, want 0 to %d", o.PartSize, maxThreshold))
	case o.MaxBytes < 0:
		return nil, attr.Unsent(fmt.Errorf("payload: SendSegments: a MaxBytes of %d, want 0 or more", o.MaxBytes))
	case reserved:
		return nil, attr.Unsent(fmt.Errorf("payload: the message has the attribute %s, which is reserved for parts", SegmentAttribute))
	case size(&m) <= o.largest(p.Queue()) || m.Body == "": // what is wrong with it, Send says
		sent, err := p.Send(ctx, m)
		return []producer.Result{{Sent: sent, Err: err}}, err
	}
	parts, err := o.cut(m, p.Queue())
	if err != nil {
		return nil, attr.Unsent(fmt.Errorf("payload: %w", err))
	}
	return sendParts(ctx, p, parts)
}

// largest is how many bytes a message may have to be sent as it is.
func (o *SegmentOptions) largest(queue string) int {
	if attr.IsFIFO(queue) { // or not at all
		return maxThreshold
	}
	return o.PartSize
}

// cut makes the parts of m.
func (o *SegmentOptions) cut(m producer.Message, queue string) ([]producer.Message, error) {
	n := len(m.Body)
	switch {
	case attr.IsFIFO(queue):
		return nil, fmt.Errorf("the message, of %d bytes, needs several parts, and %q is a FIFO queue: "+
			"it delivers no further message of a group while one is in flight, so that no worker could join them", size(&m), queue)
	case int64(n) > o.MaxBytes:
		return nil, fmt.Errorf("the body has %d bytes, more than MaxBytes, %d", n, o.MaxBytes)
	case !utf8.ValidString(m.Body):
		return nil, errors.New("the body is not UTF-8")
	case strings.ContainsFunc(m.Body, refusedRune):
		return nil, errors.New("the body has control characters, which SQS does not take")
	case attributes(&m) >= attr.MaxAttributes:
		return nil, fmt.Errorf("the message has %d attributes, want at most %d: one is needed for its parts", attributes(&m), attr.MaxAttributes-1)
	}
	sum := sha256.Sum256([]byte(m.Body))
	s := Segment{Payload: rand.Text(), Parts: MaxSegments, Part: MaxSegments, Bytes: int64(n), SHA256: hex.EncodeToString(sum[:])}
	room := o.PartSize - size(&m) + n - len(SegmentAttribute) - len("String") - len(s.String())
	if room < min(leastRoom, o.PartSize/2) || room < utf8.UTFMax {
		return nil, fmt.Errorf("of the %d bytes of a part, the attributes leave %d for the body", o.PartSize, room)
	}
	bodies := cutText(m.Body, room)
	if s.Parts = len(bodies); s.Parts > MaxSegments {
		return nil, fmt.Errorf("the message makes %d parts, more than %d", s.Parts, MaxSegments)
	}
	parts := make([]producer.Message, s.Parts)
	for s.Part = range parts {
		part := m
		part.Body = bodies[s.Part]
		if part.Attributes = maps.Clone(m.Attributes); part.Attributes == nil {
			part.Attributes = make(map[string]types.MessageAttributeValue, 1)
		}
		part.Attributes[SegmentAttribute] = types.MessageAttributeValue{DataType: new("String"), StringValue: new(s.String())}
		parts[s.Part] = part
	}
	return parts, nil
}

// cutText cuts text, which is UTF-8, into pieces of at most n bytes, between characters.
func cutText(text string, n int) (pieces []string) {
	for len(text) > n {
		end := n
		for !utf8.RuneStart(text[end]) {
			end--
		}
		pieces = append(pieces, text[:end])
		text = text[end:]
	}
	return append(pieces, text)
}

var errFirstUnsent = errors.New("payload: not sent, because the first part was not")

// sendParts sends the first of parts and then, if it was sent, the others.
func sendParts(ctx context.Context, p *producer.Producer, parts []producer.Message) ([]producer.Result, error) {
	results := make([]producer.Result, 1, len(parts))
	first := &results[0]
	if first.Sent, first.Err = p.Send(ctx, parts[0]); first.Err != nil {
		for range parts[1:] {
			results = append(results, producer.Result{Err: attr.Unsent(errFirstUnsent)})
		}
		return results, fmt.Errorf("payload: the first of %d parts was not sent, and so none: %w", len(parts), first.Err)
	}
	rest, err := p.SendAll(ctx, parts[1:]...)
	results = append(results, rest...)
	if err == nil {
		return results, nil
	}
	failed := 0
	for i := range results {
		if results[i].Err != nil {
			failed++
		}
	}
	return results, fmt.Errorf("payload: %d of %d parts not sent; the others stay in the queue and cannot be joined, "+
		"until its redrive policy or its retention period ends them: %w", failed, len(parts), err)
}
