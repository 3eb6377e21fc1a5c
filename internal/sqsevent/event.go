// Package sqsevent is what passes between AWS Lambda and a function with an SQS trigger: the
// event, as Lambda writes it, and the response, as Lambda reads it with
// ReportBatchItemFailures.
package sqsevent

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// The event around its records, which commas separate.
const (
	Head = `{"Records":[`
	Tail = `]}`
)

// MaxPayload is the largest event, and the largest response, in bytes: Lambda's 6 MB, and some.
const MaxPayload = 6_291_556

// record is a message in the event, in the order of names that Lambda has.
type record struct {
	MessageID              string               `json:"messageId"`
	ReceiptHandle          string               `json:"receiptHandle"`
	Body                   string               `json:"body"`
	Attributes             map[string]string    `json:"attributes"`
	MessageAttributes      map[string]attribute `json:"messageAttributes"`
	MD5OfMessageAttributes string               `json:"md5OfMessageAttributes,omitempty"`
	MD5OfBody              string               `json:"md5OfBody"`
	EventSource            string               `json:"eventSource"`
	EventSourceARN         string               `json:"eventSourceARN"`
	AWSRegion              string               `json:"awsRegion"`
}

// attribute is a message attribute in the event: in lower camel case, unlike that of SQS.
type attribute struct {
	StringValue      *string  `json:"stringValue,omitempty"`
	BinaryValue      []byte   `json:"binaryValue,omitempty"` // base64
	StringListValues []string `json:"stringListValues"`
	BinaryListValues [][]byte `json:"binaryListValues"`
	DataType         string   `json:"dataType"`
}

// Record returns m, of the queue with that ARN, as it is in an event.
func Record(m types.Message, arn string) ([]byte, error) {
	r := record{
		MessageID: deref(m.MessageId), ReceiptHandle: deref(m.ReceiptHandle), Body: deref(m.Body),
		Attributes: m.Attributes, MessageAttributes: make(map[string]attribute, len(m.MessageAttributes)),
		MD5OfMessageAttributes: deref(m.MD5OfMessageAttributes), MD5OfBody: deref(m.MD5OfBody),
		EventSource: "aws:sqs", EventSourceARN: arn,
	}
	if part := strings.Split(arn, ":"); len(part) > 3 {
		r.AWSRegion = part[3]
	}
	if r.Attributes == nil {
		r.Attributes = map[string]string{}
	}
	for name, v := range m.MessageAttributes {
		r.MessageAttributes[name] = attribute{
			StringValue: v.StringValue, BinaryValue: v.BinaryValue, DataType: deref(v.DataType),
			StringListValues: listed(v.StringListValues), BinaryListValues: listed(v.BinaryListValues),
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // < and & stay as they were sent
	err := e.Encode(r)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// listed returns vs, not nil: SQS has no lists, and Lambda shows so.
func listed[T any](vs []T) []T {
	if vs == nil {
		return []T{}
	}
	return vs
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
