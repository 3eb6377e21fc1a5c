package wire_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/wire"
)

const (
	xmlHead = `<?xml version="1.0"?>`
	xmlns   = ` xmlns="http://queue.amazonaws.com/doc/2012-11-05/"`
	xmlTail = `<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>`
	rmJSON  = `"ResponseMetadata":{"RequestId":"r-1"}`
)

// reply is what script writes as the reply to action in the format f.
func reply(f wire.Format, action string, script func(*wire.Writer)) string {
	var w wire.Writer
	w.Reset(f, action, "r-1", nil)
	script(&w)
	return string(w.Bytes())
}

// inResult puts the members of a result into the envelopes of the three formats.
func inResult(action, json, xml, query string) [3]string {
	result := "<" + action + "Result>" + xml + "</" + action + "Result>"
	if xml == "" {
		result = "<" + action + "Result/>"
	}
	return [3]string{
		"{" + json + "}",
		xmlHead + "<" + action + "Response" + xmlns + ">" + result + xmlTail + "</" + action + "Response>",
		`{"` + action + `Response":{"` + action + `Result":{` + query + `},` + rmJSON + `}}`,
	}
}

func checkReply(t *testing.T, action string, script func(*wire.Writer), want [3]string) {
	t.Helper()
	for f, name := range []string{"JSON", "XML", "QueryJSON"} {
		got := reply(wire.Format(f), action, script)
		if got != want[f] {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want[f])
		}
		if wire.Format(f) == wire.XML {
			wellFormed(t, got)
		} else if got != "" && !json.Valid([]byte(got)) {
			t.Errorf("%s: not valid: %s", name, got)
		}
	}
}

func wellFormed(t *testing.T, doc string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(doc))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Errorf("not well-formed: %v: %s", err, doc)
			return
		}
	}
}

func TestVoid(t *testing.T) {
	t.Parallel()
	checkReply(t, "DeleteMessage", (*wire.Writer).Void, [3]string{
		"",
		xmlHead + "<DeleteMessageResponse" + xmlns + ">" + xmlTail + "</DeleteMessageResponse>",
		`{"DeleteMessageResponse":{` + rmJSON + `}}`,
	})
}

func TestMembers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name             string
		members          func(*wire.Writer)
		json, xml, query string
	}{
		{"nothing", func(*wire.Writer) {}, ``, ``, ``},
		{"text", func(w *wire.Writer) { w.Text("A", `a"<b`) }, `"A":"a\"<b"`, `<A>a&quot;&lt;b</A>`, `"A":"a\"<b"`},
		{"empty text", func(w *wire.Writer) { w.Text("A", "") }, `"A":""`, `<A></A>`, `"A":""`},
		{"optional", func(w *wire.Writer) { w.Optional("A", "x") }, `"A":"x"`, `<A>x</A>`, `"A":"x"`},
		{"optional empty", func(w *wire.Writer) { w.Optional("A", "") }, ``, ``, `"A":null`},
		{"absent", func(w *wire.Writer) { w.Absent("A") }, ``, ``, `"A":null`},
		{"ascii", func(w *wire.Writer) { w.ASCII("A", []byte("0f-")) }, `"A":"0f-"`, `<A>0f-</A>`, `"A":"0f-"`},
		{"int", func(w *wire.Writer) { w.Int("A", -42) }, `"A":-42`, `<A>-42</A>`, `"A":-42`},
		{"bool", func(w *wire.Writer) { w.Bool("A", true); w.Bool("B", false) },
			`"A":true,"B":false`, `<A>true</A><B>false</B>`, `"A":true,"B":false`},
		{"binary", func(w *wire.Writer) { w.Binary("A", []byte{0xfb, 0xff}) }, `"A":"+/8="`, `<A>+/8=</A>`, `"A":"+/8="`},
		{"two, absent ones around", func(w *wire.Writer) {
			w.Optional("A", "")
			w.Text("B", "b")
			w.Absent("C")
			w.Text("D", "d")
		}, `"B":"b","D":"d"`, `<B>b</B><D>d</D>`, `"A":null,"B":"b","C":null,"D":"d"`},
		{"strings", func(w *wire.Writer) { w.Strings("As", "A", []string{"x", "&"}); w.Text("B", "b") },
			`"As":["x","&"],"B":"b"`, `<A>x</A><A>&amp;</A><B>b</B>`, `"As":["x","&"],"B":"b"`},
		{"no strings", func(w *wire.Writer) { w.Strings("As", "A", nil) }, ``, ``, `"As":null`},
		{"map", func(w *wire.Writer) {
			w.Map("Tags", "Tag", "Key", "Value", map[string]string{"b": "2", "a": "\"", "c": ""})
			w.Int("N", 1)
		}, `"Tags":{"a":"\"","b":"2","c":""},"N":1`,
			`<Tag><Key>a</Key><Value>&quot;</Value></Tag><Tag><Key>b</Key><Value>2</Value></Tag><Tag><Key>c</Key><Value></Value></Tag><N>1</N>`,
			`"Tags":[{"Key":"a","Value":"\""},{"Key":"b","Value":"2"},{"Key":"c","Value":""}],"N":1`},
		{"empty map", func(w *wire.Writer) { w.Map("Tags", "Tag", "Key", "Value", nil) }, ``, ``, `"Tags":null`},
		{"pairs", func(w *wire.Writer) {
			w.OpenPairs("Attributes", "Attribute")
			w.Pair("Se\"nder", "me")
			w.PairInt("Sent", 1700000000123)
			w.ClosePairs()
			w.Text("B", "b")
		}, `"Attributes":{"Se\"nder":"me","Sent":"1700000000123"},"B":"b"`,
			`<Attribute><Name>Se&quot;nder</Name><Value>me</Value></Attribute><Attribute><Name>Sent</Name><Value>1700000000123</Value></Attribute><B>b</B>`,
			`"Attributes":[{"Name":"Se\"nder","Value":"me"},{"Name":"Sent","Value":"1700000000123"}],"B":"b"`},
		{"entries", func(w *wire.Writer) {
			w.OpenEntries("MessageAttributes", "MessageAttribute")
			w.OpenEntry("a<")
			w.Text("StringValue", "x")
			w.Text("DataType", "String")
			w.CloseEntry()
			w.OpenEntry("b")
			w.CloseEntry()
			w.CloseEntries()
			w.Text("B", "b")
		}, `"MessageAttributes":{"a<":{"StringValue":"x","DataType":"String"},"b":{}},"B":"b"`,
			`<MessageAttribute><Name>a&lt;</Name><Value><StringValue>x</StringValue><DataType>String</DataType></Value></MessageAttribute>` +
				`<MessageAttribute><Name>b</Name><Value></Value></MessageAttribute><B>b</B>`,
			`"MessageAttributes":[{"Name":"a<","Value":{"StringValue":"x","DataType":"String"}},{"Name":"b","Value":{}}],"B":"b"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkReply(t, "Do", func(w *wire.Writer) {
				w.Open()
				tt.members(w)
				w.Close()
			}, inResult("Do", tt.json, tt.xml, tt.query))
		})
	}
}

// TestBatch is a list beside a list.
func TestBatch(t *testing.T) {
	t.Parallel()
	script := func(w *wire.Writer) {
		w.Open()
		w.OpenList("Successful", "DeleteMessageBatchResultEntry")
		for _, id := range []string{"a", "b"} {
			w.OpenItem()
			w.Text("Id", id)
			w.CloseItem()
		}
		w.CloseList()
		w.OpenList("Failed", "BatchResultErrorEntry")
		w.OpenItem()
		w.Text("Id", "c")
		w.Bool("SenderFault", true)
		w.CloseItem()
		w.CloseList()
		w.Close()
	}
	members := `"Successful":[{"Id":"a"},{"Id":"b"}],"Failed":[{"Id":"c","SenderFault":true}]`
	checkReply(t, "DeleteMessageBatch", script, inResult("DeleteMessageBatch", members,
		`<DeleteMessageBatchResultEntry><Id>a</Id></DeleteMessageBatchResultEntry><DeleteMessageBatchResultEntry><Id>b</Id></DeleteMessageBatchResultEntry>`+
			`<BatchResultErrorEntry><Id>c</Id><SenderFault>true</SenderFault></BatchResultErrorEntry>`, members))
}

// TestEmptyStructures writes structures that leave no comma to those after them.
func TestEmptyStructures(t *testing.T) {
	t.Parallel()
	checkReply(t, "Do", func(w *wire.Writer) {
		w.Open()
		w.OpenList("L", "l")
		for range 2 {
			w.OpenItem()
			w.CloseItem()
		}
		w.CloseList()
		w.OpenEntries("E", "e")
		for _, name := range []string{"a", "b"} {
			w.OpenEntry(name)
			w.CloseEntry()
		}
		w.CloseEntries()
		w.Int("N", 1)
		w.Close()
	}, inResult("Do", `"L":[{},{}],"E":{"a":{},"b":{}},"N":1`,
		`<l></l><l></l><e><Name>a</Name><Value></Value></e><e><Name>b</Name><Value></Value></e><N>1</N>`,
		`"L":[{},{}],"E":[{"Name":"a","Value":{}},{"Name":"b","Value":{}}],"N":1`))
}

// TestReuse is one Writer for a reply after another, some of them broken off.
func TestReuse(t *testing.T) {
	t.Parallel()
	var w wire.Writer
	for range 3 {
		for f, want := range inResult("A", `"N":1`, `<N>1</N>`, `"N":1`) {
			w.Reset(wire.Format(f), "B", "other", w.Bytes())
			w.Open()
			w.OpenList("L", "l")
			w.OpenItem()
			w.Text("x", "y")

			w.Reset(wire.Format(f), "A", "r-1", w.Bytes())
			w.Open()
			w.Int("N", 1)
			w.Close()
			if got := string(w.Bytes()); got != want {
				t.Errorf("format %d:\n got %s\nwant %s", f, got, want)
			}
		}
	}
}

func TestResetKeepsBuffer(t *testing.T) {
	t.Parallel()
	buf := make([]byte, 5, 1<<10)
	var w wire.Writer
	w.Reset(wire.JSON, "A", "r", buf)
	if len(w.Bytes()) != 0 {
		t.Errorf("a new reply has %d bytes", len(w.Bytes()))
	}
	w.Open()
	if got := w.Bytes(); &got[0] != &buf[0] {
		t.Error("the buffer handed to Reset is not used")
	}
}
