package payload_test

import (
	"testing"

	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/producer/payload"
)

// SQS does not take all that is UTF-8: a protobuf message may well be, and holds control
// characters.
func TestOffloadBinary(t *testing.T) {
	t.Parallel()
	for body, stored := range map[string]int{
		"\x08\x01": 1, "\x00": 1, "a\x1bb": 1, "a\ufffe": 1, "a\uffff": 1, "\xff": 1,
		"a\tb\r\n": 0, "\u007f\u0080": 0, "\ufffd": 0, "\U0001f600": 0,
	} {
		var s memory
		d := newDock(t, "jobs", &s, func(o *payload.Options) { o.Binary = true })
		if _, err := d.Send(t.Context(), producer.Message{Body: body}); err != nil || len(s.keys()) != stored {
			t.Errorf("Send(%q) = %v, %d objects, want %d", body, err, len(s.keys()), stored)
		}
	}
	var s memory
	d := newDock(t, "jobs", &s)
	if _, err := d.Send(t.Context(), producer.Message{Body: "\x08\x01"}); err == nil || len(s.keys()) != 0 {
		t.Errorf("without Binary: Send = %v, objects %q; want it to be SQS that refuses", err, s.keys())
	}
}
