package wire_test

import (
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/wire"
)

// The reply to ReceiveMessage, for encoding/json and encoding/xml to read and write.
type (
	receiveResult struct {
		XMLName  xml.Name         `json:"-" xml:"ReceiveMessageResponse"`
		Messages []receiveMessage `json:"Messages" xml:"ReceiveMessageResult>Message"`
		Request  string           `json:"-" xml:"ResponseMetadata>RequestId"`
	}
	receiveMessage struct {
		ID     string      `json:"MessageId" xml:"MessageId"`
		Handle string      `json:"ReceiptHandle" xml:"ReceiptHandle"`
		MD5    string      `json:"MD5OfBody" xml:"MD5OfBody"`
		Body   string      `json:"Body" xml:"Body"`
		System []pairEntry `json:"-" xml:"Attribute"`
	}
	pairEntry struct{ Name, Value string }

	// JSON 1.0 has the system attributes in a map.
	jsonResult  struct{ Messages []jsonMessage }
	jsonMessage struct {
		receiveMessage
		Attributes map[string]string
	}
)

const (
	receiveID     = "4f7a0bd9-9d6e-4d54-8d8a-0a4b6c5f1f6e"
	receiveMD5    = "0cc175b9c0f1b6a831c399e269772661"
	receiveHandle = "AQEBzbVv0FhGuKfJbzY1p7QnX6y6m5fPn3ZBzXVAJLxdnbCdusLGpFpnnblgLYupm8EdhxlxoeiAQEBzbVv0FhGuKfJbzY1"
)

// receive writes the reply with these bodies, as the server does.
func receive(w *wire.Writer, bodies []string) {
	id, handle, sum := []byte(receiveID), []byte(receiveHandle), []byte(receiveMD5)
	w.Open()
	w.OpenList("Messages", "Message")
	for _, body := range bodies {
		w.OpenItem()
		w.ASCII("MessageId", id)
		w.ASCII("ReceiptHandle", handle)
		w.ASCII("MD5OfBody", sum)
		w.Text("Body", body)
		w.OpenPairs("Attributes", "Attribute")
		w.Pair("SenderId", "AIDA<1>")
		w.PairInt("SentTimestamp", 1700000000123)
		w.ClosePairs()
		w.CloseItem()
	}
	w.CloseList()
	w.Close()
}

// wanted is what a client reads from it.
func wanted(bodies []string) (r receiveResult) {
	for _, body := range bodies {
		r.Messages = append(r.Messages, receiveMessage{
			ID: receiveID, Handle: receiveHandle, MD5: receiveMD5, Body: body,
			System: []pairEntry{{"SenderId", "AIDA<1>"}, {"SentTimestamp", "1700000000123"}},
		})
	}
	return r
}

var (
	plainBody   = strings.Repeat("The quick brown fox jumps over the lazy dog. ", 23)[:1024]
	escapedBody = strings.Repeat(`{"order":"A-1234567","count":3,"ok":true,"note":"fragile, big"},`, 17)[:1024] // 192 quotes
	foreignBody = strings.Repeat("Съешь ещё этих мягких французских булок. ", 14)
)

func TestReceiveDecodes(t *testing.T) {
	t.Parallel()
	bodies := []string{"", "a", plainBody, escapedBody, foreignBody, "\r\n\t ]]> <!-- --> &amp; '\"", "\U0001F600\u2028\x7f"}
	want := wanted(bodies)

	var fromXML receiveResult
	doc := reply(wire.XML, "ReceiveMessage", func(w *wire.Writer) { receive(w, bodies) })
	if err := xml.Unmarshal([]byte(doc), &fromXML); err != nil {
		t.Fatal(err)
	}
	if fromXML.Request != "r-1" {
		t.Errorf("XML: request id %q", fromXML.Request)
	}
	sameMessages(t, "XML", fromXML.Messages, want.Messages)

	var fromJSON jsonResult
	doc = reply(wire.JSON, "ReceiveMessage", func(w *wire.Writer) { receive(w, bodies) })
	if err := json.Unmarshal([]byte(doc), &fromJSON); err != nil {
		t.Fatal(err)
	}
	var got []receiveMessage
	for _, m := range fromJSON.Messages {
		for _, name := range []string{"SenderId", "SentTimestamp"} {
			m.System = append(m.System, pairEntry{name, m.Attributes[name]})
		}
		got = append(got, m.receiveMessage)
	}
	sameMessages(t, "JSON", got, want.Messages)

	var fromQuery struct {
		ReceiveMessageResponse struct {
			ReceiveMessageResult struct {
				Messages []struct {
					receiveMessage
					Attributes []pairEntry
				}
			}
			ResponseMetadata struct{ RequestID string }
		}
	}
	doc = reply(wire.QueryJSON, "ReceiveMessage", func(w *wire.Writer) { receive(w, bodies) })
	if err := json.Unmarshal([]byte(doc), &fromQuery); err != nil {
		t.Fatal(err)
	}
	got = nil
	for _, m := range fromQuery.ReceiveMessageResponse.ReceiveMessageResult.Messages {
		m.System = m.Attributes
		got = append(got, m.receiveMessage)
	}
	sameMessages(t, "QueryJSON", got, want.Messages)
}

func sameMessages(t *testing.T, format string, got, want []receiveMessage) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d messages, want %d", format, len(got), len(want))
	}
	for i, g := range got {
		w := want[i]
		if g.ID != w.ID || g.Handle != w.Handle || g.MD5 != w.MD5 || g.Body != w.Body {
			t.Errorf("%s: message %d:\n got %+q\nwant %+q", format, i, g, w)
		}
		if len(g.System) != 2 || g.System[0] != w.System[0] || g.System[1] != w.System[1] {
			t.Errorf("%s: message %d has attributes %v, want %v", format, i, g.System, w.System)
		}
	}
}

// TestNoGarbage is not parallel: it counts allocations.
func TestNoGarbage(t *testing.T) {
	bodies := []string{plainBody, escapedBody, foreignBody}
	var w wire.Writer
	buf := make([]byte, 0, 1<<14)
	fault := wire.FaultOf("InvalidParameterValue", "Value 11 for parameter MaxNumberOfMessages is invalid.")
	for f, name := range []string{"JSON", "XML", "QueryJSON"} {
		if n := testing.AllocsPerRun(100, func() {
			w.Reset(wire.Format(f), "ReceiveMessage", "r-1", buf)
			receive(&w, bodies)
		}); n != 0 {
			t.Errorf("%s: a reply allocates %v times", name, n)
		}
		if n := testing.AllocsPerRun(100, func() {
			w.Reset(wire.Format(f), "ReceiveMessage", "r-1", buf)
			w.Fault(fault)
		}); n != 0 {
			t.Errorf("%s: a fault allocates %v times", name, n)
		}
	}
}
