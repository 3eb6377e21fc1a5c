package offlambda

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/quayside-go/quayside/worker"
)

// record is one of an event, with its keys in the order in which Lambda writes them.
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
	Region                 string               `json:"awsRegion"`
}

type attribute struct {
	StringValue      *string  `json:"stringValue,omitempty"`
	BinaryValue      []byte   `json:"binaryValue,omitempty"`
	StringListValues []string `json:"stringListValues"`
	BinaryListValues [][]byte `json:"binaryListValues"`
	DataType         string   `json:"dataType"`
}

// event returns the event of ms, and the identifiers of its records.
func (f *function) event(ms []*worker.Message) (event []byte, ids []string, err error) {
	e := struct{ Records []record }{make([]record, len(ms))}
	ids = make([]string, len(ms))
	for i, m := range ms {
		arn := f.opts.QueueARN
		if arn == "" {
			arn = arnOf(m)
		}
		e.Records[i] = recordOf(m, arn)
		ids[i] = m.ID
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(e); err != nil {
		return nil, nil, fmt.Errorf("offlambda: make the event: %w", err)
	}
	return bytes.TrimSpace(b.Bytes()), ids, nil
}

func recordOf(m *worker.Message, arn string) record {
	in := m.SDK()
	r := record{
		MessageID: m.ID, ReceiptHandle: deref(in.ReceiptHandle), Body: m.Body,
		Attributes: in.Attributes, MessageAttributes: make(map[string]attribute, len(m.Attributes)),
		MD5OfMessageAttributes: deref(in.MD5OfMessageAttributes), MD5OfBody: deref(in.MD5OfBody),
		EventSource: "aws:sqs", EventSourceARN: arn,
	}
	if r.Attributes == nil {
		r.Attributes = map[string]string{}
	}
	if in.Body == nil || *in.Body != m.Body { // middleware has changed it
		sum := md5.Sum([]byte(m.Body))
		r.MD5OfBody = hex.EncodeToString(sum[:])
	}
	if part := strings.Split(arn, ":"); len(part) > 3 {
		r.Region = part[3]
	}
	for name, v := range m.Attributes {
		a := attribute{v.StringValue, v.BinaryValue, v.StringListValues, v.BinaryListValues, deref(v.DataType)}
		if a.StringListValues == nil {
			a.StringListValues = []string{}
		}
		if a.BinaryListValues == nil {
			a.BinaryListValues = [][]byte{}
		}
		r.MessageAttributes[name] = a
	}
	return r
}

// arnOf returns the ARN of the queue that m came from.
func arnOf(m *worker.Message) string {
	region, owner := "us-east-1", ""
	if u, err := url.Parse(m.QueueURL()); err == nil {
		if path := strings.Split(strings.Trim(u.Path, "/"), "/"); len(path) > 1 {
			owner = path[len(path)-2]
		}
		if r := regionOf(u.Hostname()); r != "" {
			region = r
		}
	}
	partition := "aws"
	switch {
	case strings.HasPrefix(region, "cn-"):
		partition = "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		partition = "aws-us-gov"
	}
	return "arn:" + partition + ":sqs:" + region + ":" + owner + ":" + m.Queue
}

// regionOf returns the region of an address of SQS: sqs.REGION.amazonaws.com and the like, or
// the older REGION.queue.amazonaws.com. "" if it is none.
func regionOf(host string) string {
	label := strings.Split(host, ".")
	for i, l := range label {
		switch {
		case (l == "sqs" || l == "sqs-fips") && i+2 < len(label):
			return label[i+1]
		case l == "queue" && i == 1 && i+1 < len(label):
			return label[0]
		}
	}
	return ""
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
