package middleware

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/worker"
)

// SNSEnvelope is the JSON object that SNS makes of a message for a queue whose
// subscription is not set to raw message delivery.
type SNSEnvelope struct {
	Type              string // "Notification"
	MessageID         string `json:"MessageId"` // SNS's, the same in all queues
	TopicARN          string `json:"TopicArn"`
	Subject           string // "" if none
	Message           string // what was published
	MessageAttributes map[string]SNSAttribute
	Timestamp         time.Time // when it was published
	SequenceNumber    string    // FIFO topics only

	// Nothing here checks the signature.
	SignatureVersion, Signature, SigningCertURL string
	UnsubscribeURL                              string
}

// SNSAttribute is a message attribute in an [SNSEnvelope].
type SNSAttribute struct {
	Type  string // "String", "Number", "Binary" or "String.Array"
	Value string // Binary: in base64; String.Array: a JSON array
}

type snsKey struct{}

// snsPlace holds the envelope while the handlers inside of SNS run. A message that is
// tried again has the same.
type snsPlace struct{ envelope *SNSEnvelope }

// SNSOf returns the envelope that m came in, to handlers and middleware inside of [SNS].
// It reports false for a message that came without, and once SNS has returned.
func SNSOf(m *worker.Message) (*SNSEnvelope, bool) {
	p, _ := m.Value(snsKey{}).(*snsPlace)
	if p == nil || p.envelope == nil {
		return nil, false
	}
	return p.envelope, true
}

// placeOf returns the place of m, which has one from then on.
func placeOf(m *worker.Message) *snsPlace {
	if p, ok := m.Value(snsKey{}).(*snsPlace); ok {
		return p
	}
	p := new(snsPlace)
	m.SetValue(snsKey{}, p)
	return p
}

// readSNS reads an envelope of whatever type. The error says that body is none.
func readSNS(body string) (*SNSEnvelope, error) {
	e := new(SNSEnvelope)
	err := json.Unmarshal([]byte(body), e)
	switch {
	case err != nil:
	case e.Type == "" || e.MessageID == "" || e.TopicARN == "" || e.Message == "":
		err = errors.New("it lacks Type, MessageId, TopicArn or Message")
	default:
		return e, nil
	}
	return nil, fmt.Errorf("SNS: the body is not an SNS envelope: %w", err)
}

// attributes returns the message attributes as SQS would have delivered them.
func (e *SNSEnvelope) attributes() (map[string]types.MessageAttributeValue, error) {
	if len(e.MessageAttributes) == 0 {
		return nil, nil
	}
	attributes := make(map[string]types.MessageAttributeValue, len(e.MessageAttributes))
	for name, a := range e.MessageAttributes {
		v := types.MessageAttributeValue{DataType: &a.Type}
		if a.Type == "Binary" || strings.HasPrefix(a.Type, "Binary.") {
			b, err := base64.StdEncoding.DecodeString(a.Value)
			if err != nil {
				return nil, fmt.Errorf("SNS: the message attribute %q: %w", name, err)
			}
			v.BinaryValue = b
		} else {
			v.StringValue = &a.Value
		}
		attributes[name] = v
	}
	return attributes, nil
}
