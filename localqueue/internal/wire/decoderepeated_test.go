package wire_test

import (
	"strings"
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/api"
	"github.com/quayside-go/quayside/localqueue/internal/wire"
)

// TestDecodeRepeated: of repeated members the last counts, and each must be of its kind.
func TestDecodeRepeated(t *testing.T) {
	t.Parallel()
	send := func(doc string) error { _, err := wire.DecodeSend([]byte(doc), new(api.Send)); return err }
	batch := func(doc string) error { _, _, err := wire.DecodeSendBatch([]byte(doc), nil); return err }
	receive := func(doc string) error { _, err := wire.DecodeReceive([]byte(doc), new(api.Receive)); return err }
	changes := func(doc string) error { _, _, err := wire.DecodeChangeBatch([]byte(doc), nil); return err }
	for _, tt := range []struct {
		doc    string
		decode func(doc string) error
		want   string
	}{
		{`{"MessageBody":"a","MessageBody":"b","DelaySeconds":1,"DelaySeconds":2}`, send, ""},
		{`{"MessageBody":[],"MessageBody":"b"}`, send, "Start of list found where not expected"},
		{`{"DelaySeconds":"1","DelaySeconds":2}`, send, "STRING_VALUE can not be converted to an Integer"},
		{`{"MessageAttributes":[],"MessageAttributes":{}}`, send, "Start of list found where not expected"},
		{`{"MessageAttributes":{"a":{"BinaryValue":"0","BinaryValue":"AA=="}}}`, send, "STRING_VALUE can not be converted to a Blob: it is not base64"},
		{`{"MessageAttributes":{"a":{"BinaryListValues":["0"],"BinaryListValues":[]}}}`, send, "STRING_VALUE can not be converted to a Blob: it is not base64"},
		{`{"Entries":{},"Entries":[]}`, batch, "Start of structure or map found where not expected."},
		{`{"Entries":[1],"Entries":[]}`, changes, "NUMBER_VALUE can not be converted to a Structure or Map"},
		{`{"MessageAttributeNames":1,"MessageAttributeNames":[]}`, receive, "NUMBER_VALUE can not be converted to a List"},
		{`{"AttributeNames":["\n"],"MessageSystemAttributeNames":[],"AttributeNames":["\n"],"AttributeNames":["\n"],"MessageSystemAttributeNames":null}`, receive, ""},
		{`{"AttributeNames":1,"AttributeNames":[]}`, receive, "NUMBER_VALUE can not be converted to a List"},
		{`{"AttributeNames":[],"AttributeNames":[{}],"AttributeNames":[]}`, receive, "Start of structure or map found where not expected."},
		{`{"MessageSystemAttributeNames":[[]],"MessageSystemAttributeNames":[]}`, receive, "Start of list found where not expected"},
	} {
		got := ""
		if err := tt.decode(tt.doc); err != nil {
			got = strings.TrimPrefix(err.Error(), wire.CodeMalformedInput+": ")
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.doc, got, tt.want)
		}
	}
}
