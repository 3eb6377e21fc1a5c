package wire_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/api"
	"github.com/quayside-go/quayside/localqueue/internal/wire"
)

// What encoding/json decodes into, for comparison.
type (
	standardValue struct {
		DataType, StringValue *string
		BinaryValue           []byte
	}
	standardSend struct {
		ID                                     *string `json:"Id"`
		QueueURL                               *string `json:"QueueUrl"`
		MessageBody                            *string
		DelaySeconds                           *int32
		MessageGroupID, MessageDeduplicationID *string
		MessageAttributes                      map[string]standardValue
		MessageSystemAttributes                map[string]standardValue
	}
	standardBatch struct {
		QueueURL *string `json:"QueueUrl"`
		Entries  []standardSend
	}
)

const benchURL = `"QueueUrl":"http://127.0.0.1:9324/000000000000/orders"`

// benchTexts are bodies of about 1 KB: one that is plain, one that is itself JSON.
var benchTexts = []struct{ name, body string }{
	{"plain", strings.Repeat("a message of some words, ", 41)},
	{"escaped", `{` + strings.Repeat(`"order":"A-17","qty":3,"to":"x",`, 26) + `"last":"` + strings.Repeat("z", 190) + `"}`},
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string is never refused
	}
	return string(b)
}

// benchDecode measures decode with a fresh copy of doc each time, as reading a
// request makes one, and encoding/json without.
func benchDecode(b *testing.B, doc string, decode func([]byte) error, standard any) {
	b.Run("wire", func(b *testing.B) {
		buf := make([]byte, len(doc))
		b.SetBytes(int64(len(doc)))
		b.ReportAllocs()
		for b.Loop() {
			copy(buf, doc)
			if err := decode(buf); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		doc := []byte(doc)
		b.SetBytes(int64(len(doc)))
		b.ReportAllocs()
		for b.Loop() {
			if err := json.Unmarshal(doc, standard); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkDecodeSend(b *testing.B) {
	for _, text := range benchTexts {
		b.Run(text.name, func(b *testing.B) {
			var m api.Send
			benchDecode(b, `{`+benchURL+`,"MessageBody":`+quoted(text.body)+`}`, func(doc []byte) error {
				_, err := wire.DecodeSend(doc, &m)
				return err
			}, new(standardSend))
		})
	}
}

func BenchmarkDecodeSendBatch10(b *testing.B) {
	for _, text := range benchTexts {
		var doc strings.Builder
		doc.WriteString(`{` + benchURL + `,"Entries":[`)
		for i := range 10 {
			if i > 0 {
				doc.WriteByte(',')
			}
			fmt.Fprintf(&doc, `{"Id":"%d","MessageBody":%s}`, i, quoted(text.body))
		}
		doc.WriteString(`]}`)
		b.Run(text.name, func(b *testing.B) {
			var entries []api.Send
			benchDecode(b, doc.String(), func(doc []byte) (err error) {
				entries, _, err = wire.DecodeSendBatch(doc, entries)
				return err
			}, new(standardBatch))
		})
	}
}

func BenchmarkDecodeReceive(b *testing.B) {
	var r api.Receive
	var standard struct {
		QueueURL                    *string `json:"QueueUrl"`
		MaxNumberOfMessages         *int32
		WaitTimeSeconds             *int32
		MessageAttributeNames       []string
		MessageSystemAttributeNames []string
	}
	benchDecode(b, `{`+benchURL+`,"MaxNumberOfMessages":10,"WaitTimeSeconds":20,"MessageAttributeNames":["All"],"MessageSystemAttributeNames":["All"]}`, func(doc []byte) error {
		_, err := wire.DecodeReceive(doc, &r)
		return err
	}, &standard)
}

func BenchmarkDecodeChangeBatch10(b *testing.B) {
	var doc strings.Builder
	doc.WriteString(`{` + benchURL + `,"Entries":[`)
	for i := range 10 {
		if i > 0 {
			doc.WriteByte(',')
		}
		fmt.Fprintf(&doc, `{"Id":"%d","ReceiptHandle":"AQEB%s"}`, i, strings.Repeat("x", 44))
	}
	doc.WriteString(`]}`)
	var list []api.Change
	var standard struct {
		QueueURL *string `json:"QueueUrl"`
		Entries  []struct {
			ID            *string `json:"Id"`
			ReceiptHandle *string
		}
	}
	benchDecode(b, doc.String(), func(doc []byte) (err error) {
		list, _, err = wire.DecodeChangeBatch(doc, list)
		return err
	}, &standard)
}

func BenchmarkAppendForm(b *testing.B) {
	form := url.Values{
		"Action": {"SendMessage"}, "Version": {"2012-11-05"}, "QueueUrl": {"http://127.0.0.1:9324/000000000000/orders"},
		"MessageBody":             {benchTexts[0].body},
		"MessageAttribute.1.Name": {"kind"}, "MessageAttribute.1.Value.DataType": {"String"}, "MessageAttribute.1.Value.StringValue": {"order"},
	}
	var doc []byte
	var err error
	b.ReportAllocs()
	for b.Loop() {
		if doc, err = wire.AppendForm(doc[:0], "SendMessage", form); err != nil {
			b.Fatal(err)
		}
	}
}
