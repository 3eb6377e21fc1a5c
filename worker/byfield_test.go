package worker_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/worker"
)

func TestByField(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ body, want string }{
		{`{"kind":"paid"}`, "paid"},
		{" \n{ \"id\" : 1 , \"kind\" : \"paid\" }", "paid"},
		{`{"a":{"kind":"inner"},"b":["kind",{"kind":"deep"}],"c":"kind","d":null,"kind":"outer"}`, "outer"},
		{`{"kind":"p\u00e4id \"\ud83d\ude00\""}`, `päid "😀"`},
		{`{"k\u0069nd":"paid"}`, "paid"},
		{`{"kind":"first","kind":"second"}`, "first"},
		{`{"kind":"paid", what follows is not read`, "paid"},
		{`{"kind":""}`, ""},
		{`{"kind":null}`, ""},
		{`{"Kind":"other"}`, ""},
		{`{}`, ""},
		{`{"a":{"kind":"inner"}}`, ""},
	} {
		got, err := worker.ByField("kind")(&worker.Message{Body: test.body})
		if got != test.want || err != nil {
			t.Errorf("kind of %s = %q, %v, want %q", test.body, got, err, test.want)
		}
	}
}

func TestByFieldNested(t *testing.T) {
	t.Parallel()
	route := worker.ByField("detail", "event.type")
	for _, test := range []struct{ body, want string }{
		{`{"detail":{"x":{"event.type":"no"},"event.type":"paid"}}`, "paid"},
		{`{"event.type":"no","x":{"event.type":"no"},"detail":{"event.type":"paid"}}`, "paid"},
		{`{"detail":{"event":{"type":"no"}},"event.type":"no"}`, ""},
		{`{"detail":null}`, ""},
		{`{"detail":{"x":1}, what follows is not read`, ""},
		{`{}`, ""},
	} {
		got, err := route(&worker.Message{Body: test.body})
		if got != test.want || err != nil {
			t.Errorf("detail, event.type of %s = %q, %v, want %q", test.body, got, err, test.want)
		}
	}
}

func TestByFieldUndecodable(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ body, want string }{
		{``, "unexpected EOF"},
		{`paid`, "invalid character"},
		{`null`, "the body is null"},
		{`"kind"`, "the body is a string"},
		{`[{"kind":"paid"}]`, "the body is an array"},
		{`42`, "the body is a number"},
		{`{"detail":{"kind":7}}`, `"detail"."kind" is a number`},
		{`{"detail":{"kind":true}}`, `"detail"."kind" is a boolean`},
		{`{"detail":{"kind":{}}}`, `"detail"."kind" is an object`},
		{`{"detail":["kind"]}`, `"detail" is an array`},
		{`{"detail":{`, "unexpected EOF"},
		{`{"detail":{"a":[1,2`, "unexpected EOF"},
		{`{"detail":{"a":1 "kind":"paid"}}`, "invalid character"},
		{`{"detail" {"kind":"paid"}}`, "invalid character"},
		{`{"detail":{"kind":"pa`, "unexpected EOF"},
		{`{"a":1`, "unexpected EOF"},
	} {
		name, err := worker.ByField("detail", "kind")(&worker.Message{Body: test.body})
		var d *worker.DecodeError
		if name != "" || !errors.As(err, &d) || d.Type != `object with a string at "detail"."kind"` || !strings.Contains(err.Error(), test.want) {
			t.Errorf("detail.kind of %s = %q, %v, want a DecodeError with %q", test.body, name, err, test.want)
		}
	}
}

// Of whatever body, ByField says the same as a decoder of all of it, as far as
// that accepts it.
func FuzzByField(f *testing.F) {
	for _, body := range []string{
		`{"kind":"paid"}`, `{"a":[{"kind":1}],"kind":"x"}`, `{"kind":null}`, `{"kind":1}`, `[]`, `{"a":`, ``,
		`{"k\u0069nd":"\ud800"}`, `{"kind":"a","kind":"b"}`,
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		got, err := worker.ByField("kind")(&worker.Message{Body: body})
		if err != nil && !errors.As(err, new(*worker.DecodeError)) {
			t.Errorf("kind of %q: error %v, want a *DecodeError", body, err)
		}
		var fields map[string]json.RawMessage
		if json.Unmarshal([]byte(body), &fields) != nil || fields == nil {
			return // it may have stopped before the damage
		}
		var want *string
		wrong := json.Unmarshal(fields["kind"], &want) != nil && fields["kind"] != nil
		if bytes.Count([]byte(body), []byte(`"kind"`)) > 1 || strings.Contains(body, `\u`) {
			return // possibly a name twice, of which the decoder takes the last
		}
		if wrong != (err != nil) || err == nil && got != deref(want) {
			t.Errorf("kind of %q = %q, %v; the decoder finds %s", body, got, err, fields["kind"])
		}
	})
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
