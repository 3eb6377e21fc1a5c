package killtest_test

import (
	"bytes"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// What a message says follows from its token and size, so that it can be compared
// without being kept.

// maxBody is the longest body.
const maxBody = 1 << 20

// filling is what bodies are cut from: printable text that JSON has to escape here
// and there.
var filling = func() string {
	r := choices(0xb0d1)
	b := make([]byte, 2*maxBody)
	for i := range b {
		b[i] = byte(' ' + r.IntN(95))
		if r.IntN(60) == 0 {
			b[i] = '\n'
		}
	}
	return string(b)
}()

func bodyOf(token uint64, size int) string {
	head := "m" + strconv.FormatUint(token, 10) + ":"
	if size <= len(head) {
		return head
	}
	at := int(token * 7919 % maxBody)
	return head + filling[at:at+size-len(head)]
}

// tokenOf is the token in a body.
func tokenOf(body string) (uint64, bool) {
	head, _, ok := strings.Cut(body, ":")
	digits, m := strings.CutPrefix(head, "m")
	token, err := strconv.ParseUint(digits, 10, 64)
	return token, ok && m && err == nil
}

// attributesOf are the message attributes: none, or some of each type.
func attributesOf(token uint64) map[string]types.MessageAttributeValue {
	if token%3 != 0 {
		return nil
	}
	all := map[string]types.MessageAttributeValue{
		"token": {DataType: aws.String("Number"), StringValue: aws.String(strconv.FormatUint(token, 10))},
	}
	if token%2 == 0 {
		all["text.of"] = types.MessageAttributeValue{DataType: aws.String("String.kind"), StringValue: aws.String("é\t" + filling[token%997:token%997+20])}
	}
	if token%5 == 0 {
		all["bytes"] = types.MessageAttributeValue{DataType: aws.String("Binary"), BinaryValue: []byte{0, byte(token), 0xff, byte(token >> 8)}}
	}
	return all
}

// traceOf is the AWSTraceHeader, "" for none.
func traceOf(token uint64) string {
	if token%4 != 0 {
		return ""
	}
	return fmt.Sprintf("Root=1-5759e988-%024x", token)
}

func systemAttributesOf(token uint64) map[string]types.MessageSystemAttributeValue {
	trace := traceOf(token)
	if trace == "" {
		return nil
	}
	return map[string]types.MessageSystemAttributeValue{
		"AWSTraceHeader": {DataType: aws.String("String"), StringValue: &trace},
	}
}

// differences says what of a message is not as it was sent.
func differences(m *message, got types.Message) (found []string) {
	if want, body := bodyOf(m.token, m.size), aws.ToString(got.Body); body != want {
		found = append(found, fmt.Sprintf("a body of %d bytes %.60q instead of one of %d %.60q", len(body), body, len(want), want))
	}
	same := func(a, b types.MessageAttributeValue) bool {
		return aws.ToString(a.DataType) == aws.ToString(b.DataType) &&
			aws.ToString(a.StringValue) == aws.ToString(b.StringValue) && bytes.Equal(a.BinaryValue, b.BinaryValue)
	}
	if want := attributesOf(m.token); !maps.EqualFunc(got.MessageAttributes, want, same) {
		found = append(found, fmt.Sprintf("message attributes %v instead of %v", got.MessageAttributes, want))
	}
	want := map[string]string{"AWSTraceHeader": traceOf(m.token), "MessageGroupId": m.group}
	for name, value := range want {
		if got.Attributes[name] != value {
			found = append(found, fmt.Sprintf("%s %q instead of %q", name, got.Attributes[name], value))
		}
	}
	return found
}
