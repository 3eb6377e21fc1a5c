package conformance

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

var messageAttributeCases = []testCase{
	{"message-attributes/round-trip", "2 message attributes", 0, func(c *checker) {
		q := c.queue("orders")
		sent := map[string]types.MessageAttributeValue{
			"s":     text("String", "hëllo\r\n\t🦀"),
			"label": text("String.json", "{}"),
			"n":     text("Number", "-12.5"),
			"i":     text("Number.int", "42"),
			"b":     blob("Binary", []byte{0, 1, 0xff}),
			"png":   blob("Binary.png", []byte("png")),
		}
		var opts []sendOption
		for name, v := range sent {
			opts = append(opts, with(name, v))
		}
		out := q.send("hello", opts...)
		equal(c, "MD5OfMessageAttributes of the send", deref(out.MD5OfMessageAttributes), md5OfAttributes(sent))
		m := q.with(attributeNames("All")).one("hello")
		equal(c, "MD5OfMessageAttributes of the receive", deref(m.MD5OfMessageAttributes), md5OfAttributes(sent))
		c.wantAttributes(m, sent)
	}},
	{"message-attributes/legal-names", "2 message attributes", 0, func(c *checker) {
		q := c.queue("orders")
		for _, name := range []string{"a", "A.b-c_9", "0", "_", "-", "naïve-Ärger", strings.Repeat("n", 256)} {
			q.send("hello", with(name, text("String", "v")))
			m := q.with(attributeNames("All")).one("hello")
			c.wantAttributes(m, map[string]types.MessageAttributeValue{name: text("String", "v")})
			q.delete(m)
		}
	}},
	{"message-attributes/almost-reserved-names", "2 message attributes", Emulated, func(c *checker) {
		q := c.queue("orders")
		q.send("hello", with("AWSome", text("String", "v")), with("my.AWS.name", text("String", "v")), with("xAmazon", text("String", "v")))
	}},
	{"message-attributes/names-are-case-sensitive", "2 message attributes", 0, func(c *checker) {
		q := c.queue("orders")
		q.send("hello", with("a", text("String", "lower")), with("A", text("String", "upper")))
		c.wantAttributes(q.with(attributeNames("All")).one("hello"), map[string]types.MessageAttributeValue{
			"a": text("String", "lower"), "A": text("String", "upper"),
		})
	}},
	{"message-attributes/ten", "2 message attributes", 0, func(c *checker) {
		q := c.queue("orders")
		q.send("hello", many(10)...)
		_, err := q.trySend("hello", many(11)...)
		c.wantError(err, invalidParameter, "Number of message attributes [11] exceeds the allowed maximum [10].")
	}},
	{"message-attributes/legal-numbers", "2 message attributes", 0, func(c *checker) {
		q := c.queue("orders")
		for _, n := range []string{"0", "1", "-1", "3.14", "1e126", "-1E126", "1e-128", "12345678901234567890123456789012345678"} {
			q.send("hello", with("n", text("Number", n)))
		}
	}},
	{"message-attributes/longest-type", "2 message attributes", 0, func(c *checker) {
		q := c.queue("orders")
		q.send("hello", with("n", text("String."+strings.Repeat("x", 249), "v")))
		_, err := q.trySend("hello", with("n", text("String."+strings.Repeat("x", 250), "v")))
		c.wantError(err, invalidParameter, "")
	}},
	{"message-attributes/fault-in-batch", "2 message attributes", 0, func(c *checker) {
		q := c.queue("orders")
		out := q.sendBatch(entry("good", "hello", with("a", text("String", "v"))), entry("bad", "x", with("a", text("String", ""))), entry("eleven", "x", many(11)...))
		c.wantSent(out, "good")
		equal(c, "MD5OfMessageAttributes", deref(out.Successful[0].MD5OfMessageAttributes), md5OfAttributes(map[string]types.MessageAttributeValue{"a": text("String", "v")}))
		c.wantFailed(out.Failed,
			failure{"bad", invalidParameter, c.emulated("Message (user) attribute 'a' must contain a non-empty value of type 'String'.")},
			failure{"eleven", invalidParameter, c.emulated("Number of message attributes [11] exceeds the allowed maximum [10].")})
		q.expect(10, "hello")
	}},
}

// many makes n attributes.
func many(n int) (opts []sendOption) {
	for i := range n {
		opts = append(opts, with(fmt.Sprint("a", i), text("String", "v")))
	}
	return opts
}

// wantAttributes compares a received message's attributes.
func (c *checker) wantAttributes(m types.Message, want map[string]types.MessageAttributeValue) {
	c.Helper()
	word := func(attributes map[string]types.MessageAttributeValue) string {
		return show(reflect.ValueOf(attributes))
	}
	same := len(m.MessageAttributes) == len(want)
	for name, w := range want {
		got, there := m.MessageAttributes[name]
		same = same && there && deref(got.DataType) == deref(w.DataType) && deref(got.StringValue) == deref(w.StringValue) && bytes.Equal(got.BinaryValue, w.BinaryValue)
	}
	if !same {
		c.Errorf("%s\nattributes:\n got %s\nwant %s", c.trace.last(), word(m.MessageAttributes), word(want))
	}
}

// attributeFaultCases has a case for each way in which an attribute can be wrong.
// A text in emulated is worded so by emulators only.
func attributeFaultCases() []testCase {
	const (
		reserved = "You can't use message attribute names beginning with 'AWS.' or 'Amazon'. These strings are reserved for internal use."
		listed   = "Message attribute list values in SendMessage operation are not supported."
	)
	badType := "The type of message (user) attribute 'a' is invalid. You must use only the following supported type prefixes: Binary, Number, String."
	v := text("String", "v")
	faults := []struct {
		name     string
		needs    Trait
		send     []sendOption
		code     string
		text     string // recorded
		emulated string // not recorded
	}{
		{"empty-string", 0, []sendOption{with("a", text("String", ""))}, invalidParameter, "Message (user) attribute 'a' must contain a non-empty value of type 'String'.", ""},
		{"empty-number", 0, []sendOption{with("a", text("Number", ""))}, invalidParameter, "", ""},
		{"empty-binary", 0, []sendOption{with("a", blob("Binary", []byte{}))}, invalidParameter, "", ""},
		{"number-a-word", 0, []sendOption{with("a", text("Number", "many"))}, invalidParameter, "", "Can't cast the value of message (user) attribute 'a' to a number."},
		{"number-with-label-a-word", 0, []sendOption{with("a", text("Number.int", "many"))}, invalidParameter, "", "Can't cast the value of message (user) attribute 'a' to a number."},
		{"number-of-39-digits", Emulated, []sendOption{with("a", text("Number", strings.Repeat("9", 39)))}, invalidParameter, "", ""},
		{"number-too-large", Emulated, []sendOption{with("a", text("Number", "1e127"))}, invalidParameter, "", ""},
		{"number-too-small", Emulated, []sendOption{with("a", text("Number", "1e-129"))}, invalidParameter, "", ""},
		{"type-unknown", 0, []sendOption{with("a", text("Text", "v"))}, invalidParameter, badType, ""},
		{"type-lower-case", 0, []sendOption{with("a", text("string", "v"))}, invalidParameter, badType, ""},
		{"type-runs-on", Emulated, []sendOption{with("a", text("Strings", "v"))}, invalidParameter, badType, ""},
		{"type-empty", 0, []sendOption{with("a", text("", "v"))}, invalidParameter, "", "The message (user) attribute 'a' must contain a non-empty message attribute type."},
		{"type-absent", Lax, []sendOption{with("a", types.MessageAttributeValue{StringValue: new("v")})}, invalidParameter, "", "The message (user) attribute 'a' must contain a non-empty message attribute type."},
		{"value-absent", 0, []sendOption{with("a", types.MessageAttributeValue{DataType: new("String")})}, invalidParameter, "", "The message (user) attribute 'a' must contain a non-empty message attribute value."},
		{"value-of-the-other-kind", Emulated, []sendOption{with("a", types.MessageAttributeValue{DataType: new("String"), BinaryValue: []byte("v")})}, invalidParameter, "", ""},
		{"value-characters", 0, []sendOption{with("a", text("String", "\x01"))}, invalidParameter, "", ""},
		{"name-of-257", 0, []sendOption{with(strings.Repeat("n", 257), v)}, invalidParameter, "", ""},
		{"name-with-space", 0, []sendOption{with("a b", v)}, invalidParameter, "", ""},
		{"name-with-dollar", 0, []sendOption{with("a$b", v)}, invalidParameter, "", ""},
		{"name-with-slash", 0, []sendOption{with("a/b", v)}, invalidParameter, "", ""},
		{"name-with-leading-dot", 0, []sendOption{with(".a", v)}, invalidParameter, "", ""},
		{"name-with-trailing-dot", 0, []sendOption{with("a.", v)}, invalidParameter, "", ""},
		{"name-with-two-dots", Emulated, []sendOption{with("a..b", v)}, invalidParameter, "", ""},
		{"name-empty", 0, []sendOption{with("", v)}, invalidParameter, "", "The request must contain non-empty message attribute name."},
		{"name-reserved-AWS", 0, []sendOption{with("AWS.x", v)}, invalidParameter, "", reserved},
		{"name-reserved-aws", 0, []sendOption{with("aws.x", v)}, invalidParameter, "", reserved},
		{"name-reserved-Amazon", 0, []sendOption{with("Amazon.x", v)}, invalidParameter, "", reserved},
		{"name-reserved-aMaZoN", 0, []sendOption{with("aMaZoN.x", v)}, invalidParameter, "", reserved},
		{"list-of-strings", 0, []sendOption{with("a", types.MessageAttributeValue{DataType: new("String"), StringListValues: []string{"v"}})}, unsupported, "", listed},
		{"list-of-binaries", 0, []sendOption{with("a", types.MessageAttributeValue{DataType: new("Binary"), BinaryListValues: [][]byte{{1}}})}, unsupported, "", listed},
	}
	var cases []testCase
	for _, f := range faults {
		cases = append(cases, testCase{"message-attributes/bad-" + f.name, "2 message attributes", f.needs, func(c *checker) {
			q := c.queue("orders")
			_, err := q.trySend("hello", f.send...)
			want := f.text
			if f.emulated != "" {
				want = c.emulated(f.emulated)
			}
			c.wantError(err, f.code, want)
			q.none()
		}})
	}
	return cases
}
