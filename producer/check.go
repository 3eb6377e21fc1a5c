package producer

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/internal/attr"
)

// check reports what SQS would refuse about m, whose type is among its attributes,
// whatever the settings of the queue: a message that is wrong would cost a request, and
// on a FIFO queue those of other callers with it. What SQS may accept passes: the queue's
// MaximumMessageSize, for one, is not known here, and can change at any time.
func (m *Message) check(fifo bool) error {
	if m.err != nil {
		return fmt.Errorf("encode body: %w", m.err)
	}
	if m.Body == "" {
		return errors.New("the body is empty")
	}
	if why := illegal(m.Body); why != "" {
		return fmt.Errorf("the body %s", why)
	}
	if err := checkAttributes(m.Attributes); err != nil {
		return err
	}
	if why := illegal(m.TraceHeader); why != "" {
		return fmt.Errorf("the TraceHeader %s", why)
	}
	if m.Delay < 0 || m.Delay > maxDelay {
		return fmt.Errorf("a Delay of %v, want 0 to %v", m.Delay, maxDelay)
	}
	if n := m.size(); n > maxBytes {
		return fmt.Errorf("message and attributes are %d bytes, more than the %d that a request may hold", n, maxBytes)
	}
	if err := m.checkKind(fifo); err != nil {
		return err
	}
	if err := checkID("Group", m.Group); err != nil {
		return err
	}
	return checkID("DeduplicationID", m.DeduplicationID)
}

// checkKind reports what this kind of queue does not take.
func (m *Message) checkKind(fifo bool) error {
	switch {
	case fifo && m.Group == "":
		return errors.New("no Group, which a FIFO queue demands")
	case fifo && m.Delay > 0:
		return fmt.Errorf("a Delay of %v, which a FIFO queue does not take: it has one for all its messages", m.Delay)
	case !fifo && m.DeduplicationID != "":
		return errors.New("a DeduplicationID, which only a FIFO queue takes")
	}
	return nil
}

// checkID is the rule of groups and deduplication ids: up to 128 printable characters of
// ASCII but the space. One that is empty is not sent.
func checkID(field, v string) error {
	for _, r := range v {
		if r <= ' ' || r >= 0x7f {
			return fmt.Errorf("the %s %q has the character %q, want letters, digits and punctuation marks of ASCII", field, v, r)
		}
	}
	if len(v) > 128 {
		return fmt.Errorf("the %s has %d characters, more than 128", field, len(v))
	}
	return nil
}

// checkAttributes reports the first attribute, by name, that is wrong.
func checkAttributes(as map[string]types.MessageAttributeValue) error {
	if len(as) == 0 {
		return nil
	}
	if n := len(as); n > attr.MaxAttributes {
		return fmt.Errorf("%d attributes, the type's included, more than the %d that SQS takes", n, attr.MaxAttributes)
	}
	for _, name := range slices.Sorted(maps.Keys(as)) {
		why := wrongName(name)
		if v := as[name]; why == "" {
			why = wrongValue(&v)
		}
		if why != "" {
			return fmt.Errorf("the attribute %q %s", name, why)
		}
	}
	return nil
}

// wrongName says what is wrong with the name of an attribute.
func wrongName(n string) string {
	low := strings.ToLower(n)
	switch {
	case n == "":
		return "has no name"
	case len(n) > 256:
		return fmt.Sprintf("has a name of %d bytes, more than 256", len(n))
	case strings.HasPrefix(low, "aws.") || strings.HasPrefix(low, "amazon."):
		return "has a name that begins as those which SQS keeps to itself, AWS. or Amazon."
	case n[0] == '.' || n[len(n)-1] == '.' || strings.Contains(n, ".."):
		return "has a name that begins or ends with a period, or has two in a row"
	}
	for _, r := range n {
		plain := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-.", r)
		if !plain && (r < 0x80 || !unicode.In(r, unicode.Latin)) {
			return fmt.Sprintf("has a name with the character %q, want letters, digits, '_', '-' and '.'", r)
		}
	}
	return ""
}

// wrongValue says what is wrong with the type or the value of an attribute.
func wrongValue(v *types.MessageAttributeValue) string {
	if len(v.StringListValues) > 0 || len(v.BinaryListValues) > 0 {
		return "has a list of values, which SQS does not take yet"
	}
	typ := deref(v.DataType)
	kind, label, labelled := strings.Cut(typ, ".")
	switch {
	case typ == "":
		return "has no DataType"
	case kind != "String" && kind != "Number" && kind != "Binary" || labelled && label == "" || len(typ) > 256 || illegal(typ) != "":
		return fmt.Sprintf("has the DataType %q, want String, Number or Binary, or one of these with a period and a label, in 256 bytes", typ)
	case kind == "Binary" && len(v.BinaryValue) == 0:
		return "has no BinaryValue, or an empty one"
	case kind == "Binary":
		return ""
	}
	text := deref(v.StringValue)
	switch {
	case text == "":
		return "has no StringValue, or an empty one"
	case kind == "Number" && !isNumber(text):
		return fmt.Sprintf("has the value %q, which is no number of up to 38 digits between 10^-128 and 10^126", text)
	}
	if why := illegal(text); why != "" {
		return "has a value that " + why
	}
	return ""
}

// illegal says what in s may not stand in a message: SQS takes #x9, #xA, #xD, #x20 to
// #xD7FF, #xE000 to #xFFFD and #x10000 to #x10FFFF, in UTF-8.
func illegal(s string) string {
	if plain(s) {
		return ""
	}
	for i, r := range s {
		switch {
		case r >= 0x20 && r < utf8.RuneError, r == '\t', r == '\n', r == '\r':
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)):
			return fmt.Sprintf("is not UTF-8, at byte %d", i)
		case r < 0x20 || r == 0xFFFE || r == 0xFFFF:
			return fmt.Sprintf("has the character %U, at byte %d, which SQS does not take", r, i)
		}
	}
	return ""
}

// plain reports whether s is ASCII from the space on, as most texts are.
func plain(s string) bool {
	const (
		high  = 0x8080808080808080
		space = 0x2020202020202020
	)
	for ; len(s) >= 8; s = s[8:] {
		x := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		if (x|(x-space))&high != 0 { // a byte of 0x80 or more, or one that borrowed
			return false
		}
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
