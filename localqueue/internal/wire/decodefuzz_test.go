package wire_test

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/api"
	"github.com/quayside-go/quayside/localqueue/internal/wire"
)

func seedDocuments(f *testing.F) {
	for _, doc := range []string{
		``, `null`, ` {} `, `[]`, `{"QueueUrl":"u","MessageBody":"a\"b\\\/\b\f\n\r\t\u00e9","DelaySeconds":5}`,
		`{"MessageBody":"\ud83d\ude00\ud800\udc00\ud800\udfff\ud800","MessageGroupId":"\u0000"}`,
		`{"MessageAttributes":{"a":{"DataType":"Binary","BinaryValue":"\/+8="},"a":{"StringListValues":["x"],"BinaryListValues":["AA==",null]}},"x":[{"\"":[]}]}`,
		`{"Entries":[{"Id":"1","MessageBody":"` + strings.Repeat("long enough for words ", 5) + `","ReceiptHandle":"h"},null,{"Id":2,"VisibilityTimeout":-0}]}`,
		`{"AttributeNames":["a\n",1,null,true],"AttributeNames":["b"],"MessageSystemAttributeNames":["c"],"MessageAttributeNames":[]}`,
		`{"MaxNumberOfMessages":10,"VisibilityTimeout":1e5,"WaitTimeSeconds":1.0,"ReceiveRequestAttemptId":false}`,
		`{"S":"a","N":2147483648,"L":[],"M":{"a":null,"b":-0.5E+7,"b":""},"P":{"x":1}}`,
		`{"x":` + strings.Repeat(`[`, 63) + strings.Repeat(`]`, 63) + `}`, `{"x":` + strings.Repeat(`{"":`, 64) + strings.Repeat(`}`, 64) + `}`,
		`{"x":1e999,"y":` + strings.Repeat(`[`, 64) + strings.Repeat(`]`, 64) + `}`, "{\"M\":{\"\xff\":1,\"\xfe\":null}}", "{\"M\":{\"\xff\":1,\"\xff\":null}}",
		`{"MessageAttributes":{"a":{"BinaryListValues":["0"],"BinaryListValues":[]}}}`, `{"AttributeNames":[{}],"AttributeNames":["a"]}`,
		"{\"MessageBody\":\"\xff\xed\xa0\x80\\udc00\x80\"}", "\ufeff{}",
	} {
		f.Add([]byte(doc))
	}
}

// FuzzDecode holds every decoder against a reference built on encoding/json: they
// take the same documents and read the same in them.
func FuzzDecode(f *testing.F) {
	seedDocuments(f)
	f.Fuzz(func(t *testing.T, doc []byte) {
		if bytes.Count(doc, []byte(",")) >= 100 {
			return // the decoders take no more than 100 entries and attributes
		}
		var url, wantURL api.Text
		var m, wantM api.Send
		check(t, "send", doc, &url, &wantURL, &m, &wantM, func(doc []byte) (err error) {
			url, err = wire.DecodeSend(doc, &m)
			return err
		}, func(o object) { wantM = o.send() })

		var sends, wantSends []api.Send
		check(t, "send batch", doc, &url, &wantURL, &sends, &wantSends, func(doc []byte) (err error) {
			sends, url, err = wire.DecodeSendBatch(doc, make([]api.Send, 2))
			return err
		}, func(o object) {
			wantSends = entriesOf(o, func(entry object) api.Send {
				s := entry.send()
				s.ID = entry.text("Id").S
				return s
			})
		})

		var r, wantR api.Receive
		check(t, "receive", doc, &url, &wantURL, &r, &wantR, func(doc []byte) (err error) {
			url, err = wire.DecodeReceive(doc, &r)
			return err
		}, func(o object) {
			wantR = api.Receive{
				Max: o.integer("MaxNumberOfMessages"), Visibility: o.integer("VisibilityTimeout"), Wait: o.integer("WaitTimeSeconds"),
				Attempt: o.text("ReceiveRequestAttemptId"), Attributes: o.texts("MessageAttributeNames"),
				SystemAttributes: append(o.texts("AttributeNames"), o.texts("MessageSystemAttributeNames")...),
			}
		})

		var c, wantC api.Change
		check(t, "change", doc, &url, &wantURL, &c, &wantC, func(doc []byte) (err error) {
			url, err = wire.DecodeChange(doc, &c)
			return err
		}, func(o object) { wantC = o.change() })

		var changes, wantChanges []api.Change
		check(t, "change batch", doc, &url, &wantURL, &changes, &wantChanges, func(doc []byte) (err error) {
			changes, url, err = wire.DecodeChangeBatch(doc, make([]api.Change, 2))
			return err
		}, func(o object) {
			wantChanges = entriesOf(o, func(entry object) api.Change {
				c := entry.change()
				c.ID = entry.text("Id").S
				return c
			})
		})

		var b, wantB bound
		check(t, "bind", doc, &url, &wantURL, &b, &wantB, func(doc []byte) error {
			return wire.Bind(doc, append(b.members(), wire.Member{Name: "QueueUrl", To: &url.S})...)
		}, func(o object) { wantB = bind(o) })
	})
}

// check decodes doc both ways and compares.
func check(t *testing.T, what string, doc []byte, url, wantURL *api.Text, got, want any, decode func([]byte) error, refer func(object)) {
	t.Helper()
	*url, *wantURL = api.Text{}, api.Text{}
	err := decode(bytes.Clone(doc))
	ok := reference(doc, func(o object) {
		*wantURL = o.text("QueueUrl")
		refer(o)
	})
	if ok != (err == nil) || err != nil && code(err) != wire.CodeMalformedInput {
		t.Fatalf("%s of %q: got %v, encoding/json accepts: %v", what, doc, err, ok)
	}
	if !ok {
		return
	}
	if what == "bind" {
		url.Set = wantURL.Set
	}
	g, w := standard(*url, got), standard(*wantURL, want)
	if g != w {
		t.Fatalf("%s of %q:\ngot  %s\nwant %s", what, doc, g, w)
	}
}

// standard is the values as a document in which nothing is left of what the
// decoders do otherwise on purpose.
func standard(url api.Text, v any) string {
	return dump(reflect.ValueOf(url)) + dump(reflect.ValueOf(v))
}

// dump writes a value down: what is in it, whether an empty list or nil.
func dump(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return "-"
		}
		return dump(v.Elem())
	case reflect.String:
		return quoted(standardText(v.String()))
	case reflect.Struct:
		var b strings.Builder
		for i := range v.NumField() {
			b.WriteString(v.Type().Field(i).Name + "=" + dump(v.Field(i)) + ";")
		}
		return b.String()
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 { // of a Binary nil says something
			return fmt.Sprintf("%v %x", v.IsNil(), v.Bytes())
		}
		var list []string
		for i := range v.Len() {
			list = append(list, dump(v.Index(i)))
		}
		return strings.Join(list, ",")
	case reflect.Map:
		return dumpMap(v)
	}
	return fmt.Sprint(v.Interface())
}

// dumpMap is dump for a map. Names that are not UTF-8 are one in the reference, so
// they are left out.
func dumpMap(m reflect.Value) string {
	var list []string
	for key, value := range m.Seq2() {
		if name := dump(key); !strings.Contains(name, "\ufffd") {
			list = append(list, name+":"+dump(value))
		}
	}
	slices.Sort(list)
	return fmt.Sprint(m.IsNil(), list)
}
