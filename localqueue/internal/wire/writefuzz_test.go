package wire_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/wire"
)

func textReply(f wire.Format, s string) string {
	return reply(f, "Do", func(w *wire.Writer) {
		w.Open()
		w.Text("T", s)
		w.Close()
	})
}

// checkJSONText compares a text as JSON with what encoding/json reads from it, and
// writes for it.
func checkJSONText(t *testing.T, s string) {
	t.Helper()
	doc := textReply(wire.JSON, s)
	var got struct{ T string }
	if err := json.Unmarshal([]byte(doc), &got); err != nil {
		t.Fatalf("%q: %v: %s", s, err, doc)
	}
	if want := string([]rune(s)); got.T != want { // a byte that is not UTF-8 is a rune U+FFFD
		t.Fatalf("%q: came back as %q from %s", s, got.T, doc)
	}
	if strings.ContainsAny(s, "\b\f\u2028\u2029") { // encoding/json spells these in another way
		return
	}
	var want bytes.Buffer
	e := json.NewEncoder(&want)
	e.SetEscapeHTML(false)
	if err := e.Encode(struct{ T string }{s}); err != nil {
		t.Fatal(err)
	}
	if want := strings.TrimSuffix(want.String(), "\n"); doc != want {
		t.Fatalf("%q:\n got %s\nwant %s", s, doc, want)
	}
}

// checkXMLText compares a text as XML with what encoding/xml reads from it.
func checkXMLText(t *testing.T, s string) {
	t.Helper()
	doc := textReply(wire.XML, s)
	var got struct {
		T string `xml:"DoResult>T"`
	}
	if err := xml.Unmarshal([]byte(doc), &got); err != nil {
		t.Fatalf("%q: %v: %s", s, err, doc)
	}
	want := strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return 0xFFFD
		}
		return r
	}, string([]rune(s)))
	if got.T != want {
		t.Fatalf("%q: came back as %q, want %q, from %s", s, got.T, want, doc)
	}
	if i := strings.IndexByte(doc, '\r'); i >= 0 {
		t.Fatalf("%q: a carriage return at %d of %q", s, i, doc)
	}
}

// TestTextEverywhere puts every character that is special to anyone at every place
// of the words that the scans look at.
func TestTextEverywhere(t *testing.T) {
	t.Parallel()
	special := []string{"\u00e9", "\u2028", "\ufffd", "\ufffe", "\U0010ffff", "\xed\xa0\x80", "\x80", "\xc3", "\xff\xfe", "\xe2\x82", `\"`}
	for c := range 0x80 {
		special = append(special, string(rune(c)))
	}
	for _, c := range special {
		for at := range 34 {
			checkJSONText(t, strings.Repeat("a", at)+c+strings.Repeat("!", 40-at))
			checkJSONText(t, strings.Repeat("\u044f", at)+c+strings.Repeat("#", 40-at))
			if at < 10 {
				checkJSONText(t, strings.Repeat("a", at)+c)
				checkJSONText(t, "\xff"+strings.Repeat("]", at)+c+"~\x7f")
				checkXMLText(t, strings.Repeat("a", at)+c)
				checkXMLText(t, "\u044f"+strings.Repeat("]", at)+c+"~\x7f123456")
			}
		}
	}
}

func TestEscapes(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, json, xml string }{
		{"\"\\/", `\"\\/`, `&quot;\/`},
		{"\n\r\t\b\f\x00\x1f\x7f", `\n\r\t\u0008\u000c\u0000\u001f` + "\x7f", "\n&#xD;\t" + strings.Repeat("\ufffd", 4) + "\x7f"},
		{"<a href='x'>&amp;</a>", `<a href='x'>&amp;</a>`, `&lt;a href=&apos;x&apos;&gt;&amp;amp;&lt;/a&gt;`},
		{"\u2028\u2029\u00e9\U0001F600", "\u2028\u2029\u00e9\U0001F600", "\u2028\u2029\u00e9\U0001F600"},
		{"a\xffb\xc3", `a\ufffdb\ufffd`, "a\ufffdb\ufffd"},
		{"\ufffe\uffff\ufffd", "\ufffe\uffff\ufffd", "\ufffd\ufffd\ufffd"},
		{"\xed\xa0\x80", `\ufffd\ufffd\ufffd`, "\ufffd\ufffd\ufffd"},
	}
	for _, tt := range tests {
		if got, want := textReply(wire.JSON, tt.text), `{"T":"`+tt.json+`"}`; got != want {
			t.Errorf("JSON of %q: %q, want %q", tt.text, got, want)
		}
		if got := textReply(wire.XML, tt.text); !strings.Contains(got, "<T>"+tt.xml+"</T>") {
			t.Errorf("XML of %q: %q lacks %q", tt.text, got, tt.xml)
		}
	}
}

func seedTexts(f *testing.F) {
	for _, s := range []string{
		"", "a", plainBody[:100], escapedBody[:100], foreignBody[:100], "\xff\xfe\xed\xa0\x80",
		"\x00\x1f\x7f\u0080", "]]>&<>\"'\r\n\t", `\u0000\ud800\"`, "\u2028\u2029\ufffe\uffff\ufffd", "aaaaaaa\xc3\xa9aaaaaaa\xc3",
	} {
		f.Add(s)
	}
}

func FuzzJSONText(f *testing.F) {
	seedTexts(f)
	f.Fuzz(checkJSONText)
}

func FuzzXMLText(f *testing.F) {
	seedTexts(f)
	f.Fuzz(checkXMLText)
}
