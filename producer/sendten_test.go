package producer_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/quayside-go/quayside/producer"
)

// SendAll knows all its messages: ten of them are one request.
func TestSendAllOfTenIsOneRequest(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{}
		began := time.Now()
		if _, err := producer.New(f, byURL).SendAll(t.Context(), numbered(10)...); err != nil {
			t.Fatal(err)
		}
		if got := f.sizes(); !slices.Equal(got, []int{10}) {
			t.Errorf("requests of %v messages after %v, want one that is full", got, time.Since(began))
		}
	})
}

// The error of SendAll does not say of messages that may have been sent that they were not.
func TestSendAllErrorOfUnsureMessages(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{onSend: func(int, *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
			return nil, errors.New("connection reset")
		}}
		_, err := producer.New(f, byURL, once).SendAll(t.Context(), numbered(1)...)
		if err == nil || strings.Contains(err.Error(), "not sent") && strings.Contains(err.Error(), "may have been sent") {
			t.Errorf("SendAll = %v", err)
		}
	})
}

// What is wrong with a group of 65 letters outside of ASCII is not their number.
func TestCheckGroupOfOtherLetters(t *testing.T) {
	t.Parallel()
	err := producer.New(&fake{}, byURL).Check(producer.Message{Body: "b", Group: strings.Repeat("é", 65)})
	if err == nil || strings.Contains(err.Error(), "130 characters") {
		t.Errorf("Check = %v, of a Group of 65 characters", err)
	}
}

// The attribute of the type is Type's alone.
func TestSetAttributeOfTheType(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{}
		var set bool
		p := producer.New(f, byURL, func(o *producer.Options) {
			o.Middleware = []producer.Middleware{func(_ context.Context, m *producer.Message) (func(producer.Sent, error), error) {
				set = m.SetAttribute("Quayside.Type", "new")
				return nil, nil
			}}
		})
		if _, err := p.Send(t.Context(), producer.Message{Body: "b", Type: "old"}); err != nil {
			t.Fatal(err)
		}
		if got := *f.last.Entries[0].MessageAttributes["Quayside.Type"].StringValue; set && got != "new" {
			t.Errorf("SetAttribute = true, and %q was sent", got)
		}
	})
}
