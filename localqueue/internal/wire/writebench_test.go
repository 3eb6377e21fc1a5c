package wire_test

import (
	"encoding/json"
	"encoding/xml"
	"slices"
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/wire"
)

// The benchmarks of replies: a ReceiveMessage of 10 messages of 1 KB, and the short
// reply to SendMessage, beside what the standard library takes for the same.
//
//	go test -bench Write ./localqueue/internal/wire

var benchBodies = []struct{ name, body string }{
	{"plain", plainBody}, {"escaped", escapedBody}, {"foreign", foreignBody},
}

func BenchmarkWriteReceive10(b *testing.B) {
	for _, bb := range benchBodies {
		bodies := slices.Repeat([]string{bb.body}, 10)
		for f, name := range []string{"JSON", "XML", "QueryJSON"} {
			b.Run(name+"/"+bb.name, func(b *testing.B) {
				var w wire.Writer
				b.SetBytes(int64(10 * len(bb.body)))
				b.ReportAllocs()
				for b.Loop() {
					w.Reset(wire.Format(f), "ReceiveMessage", "r-1", w.Bytes())
					receive(&w, bodies)
				}
			})
		}
		forXML := wanted(bodies)
		forXML.Request = "r-1"
		forJSON := withAttributes(forXML)
		b.Run("encoding-json/"+bb.name, func(b *testing.B) { benchStandard(b, json.Marshal, forJSON, 10*len(bb.body)) })
		b.Run("encoding-xml/"+bb.name, func(b *testing.B) { benchStandard(b, xml.Marshal, forXML, 10*len(bb.body)) })
	}
}

// withAttributes is r as JSON has it, with the system attributes in a map.
func withAttributes(r receiveResult) (j jsonResult) {
	for _, m := range r.Messages {
		attributes := map[string]string{}
		for _, p := range m.System {
			attributes[p.Name] = p.Value
		}
		j.Messages = append(j.Messages, jsonMessage{m, attributes})
	}
	return j
}

func BenchmarkWriteSend(b *testing.B) {
	type sendResult struct {
		MessageID string `json:"MessageId"`
		MD5       string `json:"MD5OfMessageBody"`
	}
	id, sum := []byte(receiveID), []byte(receiveMD5)
	for f, name := range []string{"JSON", "XML", "QueryJSON"} {
		b.Run(name, func(b *testing.B) {
			var w wire.Writer
			b.ReportAllocs()
			for b.Loop() {
				w.Reset(wire.Format(f), "SendMessage", "r-1", w.Bytes())
				w.Open()
				w.ASCII("MessageId", id)
				w.ASCII("MD5OfMessageBody", sum)
				w.Close()
			}
		})
	}
	b.Run("encoding-json", func(b *testing.B) { benchStandard(b, json.Marshal, sendResult{receiveID, receiveMD5}, 0) })
}

func benchStandard(b *testing.B, marshal func(any) ([]byte, error), v any, bytes int) {
	if bytes > 0 {
		b.SetBytes(int64(bytes))
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := marshal(v); err != nil {
			b.Fatal(err)
		}
	}
}
