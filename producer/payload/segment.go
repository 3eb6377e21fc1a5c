package payload

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/internal/attr"
)

const (
	// SegmentAttribute is the message attribute by which a reader knows a part of a payload
	// that was sent by [SendSegments]: a String, a [Segment] as JSON.
	SegmentAttribute = attr.Segment

	// MaxSegments is how many parts a payload may have.
	MaxSegments = 10_000

	maxPayloadID = 64 // bytes
	sumDigits    = 64
)

// Segment says which part of which payload the body of a message is. As JSON, on the wire:
//
//	{"payload":"6QHJ...","part":0,"parts":22,"bytes":20971520,"sha256":"9f86d0..."}
//
// The bodies of all parts, in their order, are the payload.
type Segment struct {
	Payload string `json:"payload"` // an id that no other payload has: up to 64 visible characters of ASCII
	Part    int    `json:"part"`    // from 0
	Parts   int    `json:"parts"`   // how many there are
	Bytes   int64  `json:"bytes"`   // of the whole payload
	SHA256  string `json:"sha256"`  // of the whole payload, in 64 hexadecimal digits, lower case
}

// String returns s as the value of the attribute.
func (s Segment) String() string {
	b, _ := json.Marshal(s) // it has nothing that cannot be encoded
	return string(b)
}

// ParseSegment reads the attribute of that name. Whoever may send to the queue can write
// one, so the error says what is wrong with it.
func ParseSegment(v types.MessageAttributeValue) (s Segment, err error) {
	if v.DataType == nil || *v.DataType != "String" || v.StringValue == nil {
		return s, fmt.Errorf("payload: the attribute %s is no String", SegmentAttribute)
	}
	if err := json.Unmarshal([]byte(*v.StringValue), &s); err != nil {
		return Segment{}, fmt.Errorf("payload: read the attribute %s: %w", SegmentAttribute, err)
	}
	if why := s.wrong(); why != "" {
		return Segment{}, fmt.Errorf("payload: the attribute %s has %s", SegmentAttribute, why)
	}
	return s, nil
}

// wrong says what no part of a payload can have.
func (s *Segment) wrong() string {
	visible := func(r rune) bool { return r > ' ' && r < 0x7f }
	switch {
	case s.Payload == "" || len(s.Payload) > maxPayloadID || strings.ContainsFunc(s.Payload, func(r rune) bool { return !visible(r) }):
		return fmt.Sprintf("the payload %q, want 1 to %d visible characters of ASCII", clip(s.Payload), maxPayloadID)
	case s.Parts < 1 || s.Parts > MaxSegments:
		return fmt.Sprintf("%d parts, want 1 to %d", s.Parts, MaxSegments)
	case s.Part < 0 || s.Part >= s.Parts:
		return fmt.Sprintf("part %d of %d, want 0 to %d", s.Part, s.Parts, s.Parts-1)
	case s.Bytes < int64(s.Parts) || s.Bytes > int64(s.Parts)<<20:
		return fmt.Sprintf("%d bytes in %d parts, want 1 byte to 1 MiB in each", s.Bytes, s.Parts)
	case len(s.SHA256) != sumDigits || strings.Trim(s.SHA256, "0123456789abcdef") != "":
		return fmt.Sprintf("the sha256 %q, want %d hexadecimal digits in lower case", clip(s.SHA256), sumDigits)
	}
	return ""
}

// clip bounds what an error quotes.
func clip(s string) string {
	if len(s) > 2*sumDigits {
		return strings.ToValidUTF8(s[:2*sumDigits], "") + "..."
	}
	return s
}
