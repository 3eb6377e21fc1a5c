package payload_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/producer/payload"
)

// The format is for other programs too.
func TestSegmentFormat(t *testing.T) {
	t.Parallel()
	s := payload.Segment{Payload: "id", Part: 1, Parts: 3, Bytes: 12, SHA256: strings.Repeat("0a", 32)}
	want := `{"payload":"id","part":1,"parts":3,"bytes":12,"sha256":"` + s.SHA256 + `"}`
	if got := s.String(); got != want {
		t.Errorf("String() = %s, want %s", got, want)
	}
	for _, value := range []string{want, strings.Replace(want, "{", "\n{ \"later\": [1], ", 1)} {
		if got, err := payload.ParseSegment(text(value)); got != s || err != nil {
			t.Errorf("ParseSegment(%s) = %+v, %v", value, got, err)
		}
	}
	if payload.SegmentAttribute != "Quayside.Segment" {
		t.Errorf("the attribute is named %s", payload.SegmentAttribute)
	}
}

// Strangers can write attributes.
func FuzzParseSegment(f *testing.F) {
	f.Add("String", `{"payload":"id","part":1,"parts":3,"bytes":12,"sha256":"`+strings.Repeat("0a", 32)+`"}`)
	f.Add("Number", "1")
	f.Add("String", `{"part":-1}`)
	f.Fuzz(func(t *testing.T, kind, value string) {
		s, err := payload.ParseSegment(types.MessageAttributeValue{DataType: &kind, StringValue: &value})
		if err != nil {
			if len(err.Error()) > 1000+len(value) || s != (payload.Segment{}) {
				t.Errorf("%+v, and an error of %d bytes", s, len(err.Error()))
			}
			return
		}
		if s.Part < 0 || s.Part >= s.Parts || s.Parts > payload.MaxSegments || s.Bytes < 1 || len(s.SHA256) != 64 || s.Payload == "" {
			t.Errorf("%q is taken for %+v", value, s)
		}
		again, err := payload.ParseSegment(text(s.String()))
		if again != s || err != nil {
			t.Errorf("%+v is read as %+v, %v", s, again, err)
		}
	})
}
