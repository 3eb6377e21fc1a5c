package wire_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/api"
	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/wire"
)

// body is what DecodeSend makes of a quoted JSON string.
func body(quoted string) (string, error) {
	var m api.Send
	_, err := wire.DecodeSend([]byte(`{"MessageBody":`+quoted+`,"MessageGroupId":"after"}`), &m)
	if err == nil && m.Group != set("after") {
		return "", fmt.Errorf("what follows reads %+v", m.Group)
	}
	return m.Body, err
}

func TestStrings(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, quoted, want string }{
		{"empty", `""`, ""},
		{"short escapes", `"\"\\\/\b\f\n\r\t"`, "\"\\/\b\f\n\r\t"},
		{"numbers", `"\u0000\u001F\u00e9\u00E9\u20ac"`, "\x00\x1f\u00e9\u00e9\u20ac"},
		{"a pair", `"a\ud83d\uDE00b"`, "a\U0001F600b"},
		{"a high half", `"\ud800"`, "\xed\xa0\x80"},
		{"a low half", `"\udfff"`, "\xed\xbf\xbf"},
		{"a high half and a letter", `"\ud800\u0041"`, "\xed\xa0\x80A"},
		{"two high halves", `"\ud800\ud83d\ude00"`, "\xed\xa0\x80\U0001F600"},
		{"not UTF-8", "\"\xff\\n\xc3\"", "\xff\n\xc3"},
		{"DEL", "\"\x7f\"", "\x7f"},
		{"high bytes beside quotes", "\"\xa2\xdc\x9f\x80\\\"\xa2\"", "\xa2\xdc\x9f\x80\"\xa2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, err := body(tt.quoted); err != nil || got != tt.want {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

// TestStringsAtEveryOffset puts what needs care at every place of the words that
// are scanned at once, with every distance between two of them.
func TestStringsAtEveryOffset(t *testing.T) {
	t.Parallel()
	for _, special := range []string{`"`, `\`, "\n", "\u20ac", "\U0001F600", "\x1f", " ", "!", "#", "[", "]", "^", "\x7f"} {
		for before := range 40 {
			for between := range 20 {
				want := strings.Repeat("a", before) + special + strings.Repeat("b", between) + special + strings.Repeat("c", (before*7+between)%19)
				quoted, err := json.Marshal(want)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := body(string(quoted)); err != nil || got != want {
					t.Fatalf("%s: got %q, %v, want %q", quoted, got, err, want)
				}
			}
		}
	}
}

func TestControlCharacters(t *testing.T) {
	t.Parallel()
	for c := range 0x20 {
		for at := range 20 {
			for _, escaped := range []string{"", `\n`} {
				s := strings.Repeat("a", at) + escaped + string(rune(c))
				if _, err := body(`"` + s + `"`); code(err) != wire.CodeMalformedInput {
					t.Fatalf("%q in a body: got %v", s, err)
				}
				if _, err := wire.DecodeSend([]byte(`{"x":"`+s+`"}`), new(api.Send)); code(err) != wire.CodeMalformedInput {
					t.Fatalf("%q in a member skipped: got %v", s, err)
				}
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	const (
		list      = "Start of list found where not expected"
		structure = "Start of structure or map found where not expected."
	)
	tests := []struct{ doc, want string }{
		{`[]`, list},
		{`"x"`, "STRING_VALUE can not be converted to a Structure or Map"},
		{`5`, "NUMBER_VALUE can not be converted to a Structure or Map"},
		{`true`, "TRUE_VALUE can not be converted to a Structure or Map"},
		{`{"MessageBody":[]}`, list},
		{`{"MessageBody":{}}`, structure},
		{`{"QueueUrl":{}}`, structure},
		{`{"DelaySeconds":"5"}`, "STRING_VALUE can not be converted to an Integer"},
		{`{"DelaySeconds":5.0}`, "NUMBER_VALUE can not be converted to an Integer"},
		{`{"DelaySeconds":1e1}`, "NUMBER_VALUE can not be converted to an Integer"},
		{`{"DelaySeconds":2147483648}`, "NUMBER_VALUE can not be converted to an Integer"},
		{`{"DelaySeconds":false}`, "FALSE_VALUE can not be converted to an Integer"},
		{`{"DelaySeconds":[]}`, list},
		{`{"MessageAttributes":[]}`, list},
		{`{"MessageAttributes":"x"}`, "STRING_VALUE can not be converted to a Structure or Map"},
		{`{"MessageAttributes":{"a":[]}}`, list},
		{`{"MessageAttributes":{"a":{"StringListValues":"x"}}}`, "STRING_VALUE can not be converted to a List"},
		{`{"MessageAttributes":{"a":{"StringListValues":{}}}}`, structure},
		{`{"MessageAttributes":{"a":{"BinaryListValues":[1]}}}`, "NUMBER_VALUE can not be converted to a Blob"},
		{`{"MessageAttributes":{"a":{"BinaryValue":1}}}`, "NUMBER_VALUE can not be converted to a Blob"},
		{`{"MessageAttributes":{"a":{"BinaryValue":"A"}}}`, "STRING_VALUE can not be converted to a Blob: it is not base64"},
		{`{"MessageAttributes":{"a":{"BinaryValue":"AA"}}}`, "STRING_VALUE can not be converted to a Blob: it is not base64"},
		{`{"MessageAttributes":{"a":{"BinaryValue":"AB=="}}}`, "STRING_VALUE can not be converted to a Blob: it is not base64"},
		{`{"MessageAttributes":{"a":{"BinaryValue":"_-=="}}}`, "STRING_VALUE can not be converted to a Blob: it is not base64"},
		{` `, "The request is not valid JSON: it ends too early, after 1 bytes."},
		{`{"MessageBody":"`, "The request is not valid JSON: it ends too early, after 16 bytes."},
		{`{"MessageBody":"\`, "The request is not valid JSON: it ends too early, after 17 bytes."},
		{`{"x":"\`, "The request is not valid JSON: it ends too early, after 7 bytes."},
		{`{}x`, `The request is not valid JSON: unexpected "x" at byte 2.`},
		{`nullx`, `The request is not valid JSON: unexpected "x" at byte 4.`},
		{"\ufeff{}", `The request is not valid JSON: unexpected "\xef" at byte 0.`},
		{`{"MessageBody":"\x"}`, `The request is not valid JSON: unexpected "x" at byte 17.`},
		{`{"x":"\x"}`, `The request is not valid JSON: unexpected "x" at byte 7.`},
		{"{\"MessageBody\":\"\n\"}", `The request is not valid JSON: unexpected "\n" at byte 16.`},
	}
	for _, tt := range tests {
		t.Run(tt.doc, func(t *testing.T) {
			t.Parallel()
			_, err := wire.DecodeSend([]byte(tt.doc), new(api.Send))
			if want := wire.CodeMalformedInput + ": " + tt.want; err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
			if _, ok := err.(*engine.Error); !ok {
				t.Errorf("the error is a %T", err)
			}
		})
	}
}

// TestSyntax compares what is valid with encoding/json, in members read and in
// members skipped.
func TestSyntax(t *testing.T) {
	t.Parallel()
	values := []string{
		`0`, `-0`, `00`, `01`, `-`, `-a`, `1.`, `1.0`, `.5`, `1e`, `1e5`, `1E+5`, `1e-`, `1e+05`, `+1`, `0x1`, `1_0`, `Infinity`, `NaN`, `-01`, `0.e1`, `1.5e3.2`,
		`true`, `True`, `tru`, `truex`, `false`, `fals`, `null`, `nul`, `nulll`, `undefined`, ``, `,`,
		`"`, `"\u12"`, `"\u12g4"`, `"\U0041"`, `"\a"`, `"\'"`, `'a'`, `"\ud800\u"`, `"\ud800\ug000"`, `"a" "b"`, `"\u00e9"`,
	}
	documents := []string{
		`{"%s":}`, `{"a":1,}`, `{,}`, `{"a"}`, `{"a" 1}`, `{a:1}`, `{"a":1 "b":2}`, `{"a":1}}`, `{`, `}`, `{"a":{}`, `{"a":[1,]}`, `{"a":[,1]}`, `{"a":[1 2]}`,
		`{"a":[}`, `{"a":{]}`, "{\"a\":1\v}", "\f{}", "{\"a\":\u00a01}", "{\"a\":1}\x00", "{}\n \t\r", `{} {}`, `//{}`, `{/**/}`, `{"a\`, `{"a\u0041":1,"b":[[],{},[{}]]}`,
		`{"x":"\}`, "{\"x\":\"\n}", `{"MessageBody":"\}`, "{\"MessageBody\":\"\n}",
		"{\x00}", "{\"a\":\x00}",
	}
	for _, v := range values {
		documents = append(documents, `{"x":`+v+`}`, `{"x":[`+v+`]}`, `{"x":{"y":`+v+`}}`, `{"MessageBody":`+v+`}`, `{"MessageBody":`+v+` , "x":1}`)
	}
	for _, doc := range documents {
		_, err := wire.DecodeSend([]byte(doc), new(api.Send))
		if valid := json.Valid([]byte(doc)); valid != (err == nil) || err != nil && code(err) != wire.CodeMalformedInput {
			t.Errorf("%q: valid is %v, got %v", doc, valid, err)
		}
	}
}

func TestDepth(t *testing.T) {
	t.Parallel()
	nested := func(n int) []byte { // with the document itself
		return []byte(`{"x":` + strings.Repeat(`[`, n-1) + strings.Repeat(`]`, n-1) + `}`)
	}
	if _, err := wire.DecodeSend(nested(64), new(api.Send)); err != nil {
		t.Errorf("64 deep: %v", err)
	}
	for _, doc := range [][]byte{nested(65), []byte(strings.Repeat(`{"x":`, 1e6)), []byte(`{"x":` + strings.Repeat(`[`, 1e6))} {
		if _, err := wire.DecodeSend(doc, new(api.Send)); code(err) != wire.CodeMalformedInput || !strings.Contains(err.Error(), "nested too deep") {
			t.Errorf("deeper: %v", err)
		}
	}
}

// TestTruncated cuts a document everywhere.
func TestTruncated(t *testing.T) {
	t.Parallel()
	const doc = `{"QueueUrl":"u","MessageBody":"a\"b\ud83d\ude00","DelaySeconds":-10,"MessageAttributes":{"a":{"DataType":"String","BinaryValue":"AQI=","StringListValues":[]}},"x":[true,{"y":null}]}`
	for n := 1; n < len(doc); n++ {
		if _, err := wire.DecodeSend([]byte(doc[:n]), new(api.Send)); code(err) != wire.CodeMalformedInput {
			t.Errorf("%s: %v", doc[:n], err)
		}
	}
}

// TestBinaryInPlace decodes base64 of every length where it stands.
func TestBinaryInPlace(t *testing.T) {
	t.Parallel()
	var raw []byte
	for n := range 200 {
		var m api.Send
		doc := `{"MessageAttributes":{"a":{"BinaryValue":"` + base64.StdEncoding.EncodeToString(raw) + `","StringValue":"next"}}}`
		if _, err := wire.DecodeSend([]byte(doc), &m); err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		if a := m.Attributes[0]; string(a.Binary) != string(raw) || a.Binary == nil || a.String.S != "next" {
			t.Errorf("%d bytes: got %+v", n, a)
		}
		raw = append(raw, byte(n*89+200))
	}
}
