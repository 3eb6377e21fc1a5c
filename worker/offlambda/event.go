package offlambda

import (
	"cmp"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"net/url"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/internal/attr"
	"github.com/quayside-go/quayside/internal/sqsevent"
	"github.com/quayside-go/quayside/worker"
)

// event returns the event of ms, and the identifiers of its records.
func (f *function) event(ms []*worker.Message) (event []byte, ids []string, err error) {
	event, ids = []byte(sqsevent.Head), make([]string, len(ms))
	for i, m := range ms {
		r, err := sqsevent.Record(delivered(m), cmp.Or(f.opts.QueueARN, arnOf(m)))
		if err != nil {
			return nil, nil, fmt.Errorf("offlambda: make the event: %w", err)
		}
		if i > 0 {
			event = append(event, ',')
		}
		event, ids[i] = append(event, r...), m.ID
	}
	return append(event, sqsevent.Tail...), ids, nil
}

// delivered returns m as SQS would have delivered it, had middleware changed nothing.
func delivered(m *worker.Message) types.Message {
	in := m.SDK()
	if in.Body == nil || *in.Body != m.Body {
		sum := md5.Sum([]byte(m.Body))
		in.MD5OfBody = new(hex.EncodeToString(sum[:]))
	}
	if reflect.ValueOf(in.MessageAttributes).Pointer() != reflect.ValueOf(m.Attributes).Pointer() {
		in.MD5OfMessageAttributes = nil // that of others
	}
	in.MessageId, in.Body, in.MessageAttributes = &m.ID, &m.Body, m.Attributes
	return in
}

// arnOf returns the ARN of the queue that m came from.
func arnOf(m *worker.Message) string {
	region, owner := "us-east-1", ""
	if u, err := url.Parse(m.QueueURL()); err == nil {
		if path := strings.Split(strings.Trim(u.Path, "/"), "/"); len(path) > 1 {
			owner = path[len(path)-2]
		}
		if r := attr.Region(u.Hostname()); r != "" {
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
