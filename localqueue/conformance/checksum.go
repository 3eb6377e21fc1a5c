package conformance

import (
	"bytes"
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func md5Hex(b []byte) string {
	sum := md5.Sum(b)
	return hex.EncodeToString(sum[:])
}

// md5OfAttributes digests names, types and values, sorted by name and each after its length.
func md5OfAttributes(attributes map[string]types.MessageAttributeValue) string {
	var b bytes.Buffer
	field := func(s []byte) {
		_ = binary.Write(&b, binary.BigEndian, uint32(len(s))) // a Buffer does not fail
		b.Write(s)
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		v := attributes[name]
		field([]byte(name))
		field([]byte(deref(v.DataType)))
		if strings.HasPrefix(deref(v.DataType), "Binary") {
			b.WriteByte(2)
			field(v.BinaryValue)
		} else {
			b.WriteByte(1)
			field([]byte(deref(v.StringValue)))
		}
	}
	return md5Hex(b.Bytes())
}

func md5OfSystem(name, value string) string {
	return md5OfAttributes(map[string]types.MessageAttributeValue{name: text("String", value)})
}

// checksum sends the attributes and checks both replies against a digest that AWS gave.
func checksum(c *checker, want string, attributes ...sendOption) {
	c.Helper()
	q := c.queue("orders")
	equal(c, "MD5OfMessageAttributes of the send", deref(q.send("hello", attributes...).MD5OfMessageAttributes), want)
	equal(c, "MD5OfMessageAttributes of the receive", deref(q.with(attributeNames("All")).one("hello").MD5OfMessageAttributes), want)
}

var checksumCases = []testCase{
	{"checksum/body", "2 MD5", 0, func(c *checker) {
		q := c.queue("orders")
		equal(c, "MD5OfMessageBody of the send", deref(q.send("message").MD5OfMessageBody), "78e731027d8fd50ed642340b7c9a63b3")
		equal(c, "MD5OfBody of the receive", deref(q.one("message").MD5OfBody), "78e731027d8fd50ed642340b7c9a63b3")
	}},
	{"checksum/worked-example", "2 MD5", 0, func(c *checker) {
		checksum(c, "455c2442c2146192d9523d261d2c4ede",
			with("population", text("Number.int", "1250800")),
			with("city", text("String", "Any City")),
			with("logo", types.MessageAttributeValue{DataType: new("Binary.png"), BinaryValue: []byte{0x89, 0x50}}))
	}},
	{"checksum/one-string", "2 MD5", 0, func(c *checker) {
		checksum(c, "befa18540a897f7d022bf07057754a03", with("test-key", text("String", "test-value")))
	}},
	{"checksum/colour", "2 MD5", 0, func(c *checker) {
		checksum(c, "da1b33cc3cbfe8b1630921e78e6b9880", with("color", text("String", "blue")))
	}},
	{"checksum/three-types", "2 MD5", 0, func(c *checker) {
		checksum(c, "d838729972a4b70e2d2acd9d59ac847c",
			with("blob", types.MessageAttributeValue{DataType: new("Binary"), BinaryValue: []byte{1, 2, 3}}),
			with("color", text("String", "blue")),
			with("count", text("Number", "3")))
	}},
	{"checksum/of-the-attributes-returned", "2 MD5", 0, func(c *checker) {
		q := c.queue("orders", "VisibilityTimeout", "0")
		q.send("hello", with("color", text("String", "blue")), with("size", text("String", "big")))
		m := q.with(attributeNames("color")).one("hello")
		equal(c, "MD5OfMessageAttributes, color alone", deref(m.MD5OfMessageAttributes), "da1b33cc3cbfe8b1630921e78e6b9880")
		for _, names := range [][]string{nil, {"weight"}} {
			if m := q.with(attributeNames(names...)).one("hello"); m.MD5OfMessageAttributes != nil || m.MessageAttributes != nil {
				c.Errorf("%s\nwant neither attributes nor their MD5", c.trace.last())
			}
		}
	}},
	{"checksum/system-attributes-apart", "2 MD5", 0, func(c *checker) {
		q := c.queue("orders")
		out := q.send("hello", with("color", text("String", "blue")), header("Root=1"))
		equal(c, "MD5OfMessageAttributes", deref(out.MD5OfMessageAttributes), "da1b33cc3cbfe8b1630921e78e6b9880")
		equal(c, "MD5OfMessageSystemAttributes", deref(out.MD5OfMessageSystemAttributes), md5OfSystem("AWSTraceHeader", "Root=1"))
		m := q.with(attributeNames("All"), allSystem).one("hello")
		equal(c, "MD5OfMessageAttributes of the receive", deref(m.MD5OfMessageAttributes), "da1b33cc3cbfe8b1630921e78e6b9880")
	}},
}
