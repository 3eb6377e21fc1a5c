package conformance

import (
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func TestCaseNames(t *testing.T) {
	shape := regexp.MustCompile(`^[a-z-]+/[A-Za-z0-9-]+$`)
	section := regexp.MustCompile(`^[0-8] \S`)
	seen := map[string]bool{}
	for _, tc := range allCases() {
		if seen[tc.name] {
			t.Errorf("two cases are named %s", tc.name)
		}
		seen[tc.name] = true
		if !shape.MatchString(tc.name) {
			t.Errorf("case %s: want a name like noun/rule-in-words", tc.name)
		}
		if !section.MatchString(tc.about) {
			t.Errorf("case %s: got section %q, want a number and a paragraph", tc.name, tc.about)
		}
	}
}

// TestChecksums compares the digest that the cases expect with digests that AWS gave.
func TestChecksums(t *testing.T) {
	for _, tt := range []struct {
		want       string
		attributes map[string]types.MessageAttributeValue
	}{
		{"befa18540a897f7d022bf07057754a03", map[string]types.MessageAttributeValue{"test-key": text("String", "test-value")}},
		{"da1b33cc3cbfe8b1630921e78e6b9880", map[string]types.MessageAttributeValue{"color": text("String", "blue")}},
		{"d838729972a4b70e2d2acd9d59ac847c", map[string]types.MessageAttributeValue{
			"blob": blob("Binary", []byte{1, 2, 3}), "color": text("String", "blue"), "count": text("Number", "3"),
		}},
		{"455c2442c2146192d9523d261d2c4ede", map[string]types.MessageAttributeValue{
			"city": text("String", "Any City"), "logo": blob("Binary.png", []byte{0x89, 0x50}), "population": text("Number.int", "1250800"),
		}},
	} {
		if got := md5OfAttributes(tt.attributes); got != tt.want {
			t.Errorf("md5OfAttributes: got %s, want %s", got, tt.want)
		}
	}
}

func TestTraceIsReadable(t *testing.T) {
	tr := &trace{}
	tr.add(call{action: "SendMessage", in: &sqs.SendMessageInput{
		QueueUrl: new("orders"), MessageBody: new(strings.Repeat("x", 500)),
		MessageAttributes: map[string]types.MessageAttributeValue{"a": blob("Binary", []byte{1})},
	}, out: &sqs.SendMessageOutput{MessageId: new("id")}})
	got := tr.last()
	for _, want := range []string{"SendMessage", `QueueUrl:"orders"`, "(500 bytes)", `MessageId:"id"`, "BinaryValue:01"} {
		if !strings.Contains(got, want) {
			t.Errorf("trace: got %s, want %s in it", got, want)
		}
	}
	if strings.Contains(got, "ResultMetadata") || strings.Contains(got, "0x") {
		t.Errorf("trace: got %s, want no metadata and no pointers", got)
	}
}
