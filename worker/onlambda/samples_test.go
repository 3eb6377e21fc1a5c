package onlambda_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/quayside-go/quayside/worker"
	"github.com/quayside-go/quayside/worker/offlambda"
	"github.com/quayside-go/quayside/worker/onlambda"
)

// compacted returns a file of testdata without its layout.
func compacted(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := json.Compact(&b, text); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The events that AWS documents come out as they went in: from JSON to messages, which
// offlambda makes an event of again. Only the order of keys in maps is not kept.
func TestDocumentedEvents(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]worker.Message{
		"standard.json":   {Queue: "my-queue", ID: "059f36b4-87a3-44ab-83d2-661975830a7d", Body: "Test message.", Receives: 1, Attempts: 1},
		"fifo.json":       {Queue: "fifo.fifo", ID: "11d6ee51-4cc7-4302-9e22-7cd8afdaadf5", Body: "Test message.", Receives: 1, Attempts: 1, Group: "1", DeduplicationID: "1"},
		"attributes.json": {Queue: "SQSQueue", ID: "MessageID_1", Body: "Message Body", Receives: 2, Attempts: 2},
	} {
		event := compacted(t, name)
		var sample struct{ Records []json.RawMessage }
		if err := json.Unmarshal(event, &sample); err != nil {
			t.Fatal(err)
		}
		var records []json.RawMessage
		again := offlambda.Handler(func(e struct{ Records []json.RawMessage }) { records = append(records, e.Records...) })
		var first *worker.Message
		h := worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
			if first == nil {
				first = m
			}
			return again.Handle(ctx, m)
		})
		fn := lambda.NewHandler(onlambda.Handler(h, func(o *onlambda.Options) { o.Concurrency = 1 }))
		if out, err := fn.Invoke(t.Context(), event); err != nil || string(out) != `{"batchItemFailures":[]}` {
			t.Errorf("%s: %s, %v", name, out, err)
		}
		if len(records) != len(sample.Records) {
			t.Errorf("%s: %d records came out", name, len(records))
			continue
		}
		for i := range records {
			if got, want := keysSorted(t, records[i]), keysSorted(t, sample.Records[i]); got != want {
				t.Errorf("%s: out came\n%s\nwant\n%s", name, got, want)
			}
			if got, want := records[i], sample.Records[i]; len(got) != len(want) || !bytes.HasPrefix(got, want[:bytes.Index(want, []byte(`"attributes"`))]) ||
				!bytes.HasSuffix(got, want[bytes.Index(want, []byte(`"md5OfBody"`)):]) {
				t.Errorf("%s: out came, in another order or size,\n%s\nwant\n%s", name, got, want)
			}
		}
		got := worker.Message{Queue: first.Queue, ID: first.ID, Body: first.Body, Receives: first.Receives, Attempts: first.Attempts, Group: first.Group, DeduplicationID: first.DeduplicationID}
		if !reflect.DeepEqual(got, want) || first.SentAt.IsZero() {
			t.Errorf("%s: the message is %+v", name, got)
		}
	}
}

// keysSorted returns a JSON text with the keys of objects in order.
func keysSorted(t *testing.T, text []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	sorted, _ := json.Marshal(v)
	return string(sorted)
}

// Fields that nobody knows yet, and nulls, are no trouble.
func TestUnknownFields(t *testing.T) {
	t.Parallel()
	event := strings.NewReplacer(`"md5OfBody"`, `"new":{"a":[1]},"md5OfMessageAttributes":null,"md5OfBody"`, `"messageAttributes":{}`, `"messageAttributes":null`).
		Replace(string(compacted(t, "standard.json")))
	out, err := lambda.NewHandler(onlambda.Handler(by(nil))).Invoke(t.Context(), []byte(event))
	if err != nil || string(out) != `{"batchItemFailures":[]}` {
		t.Errorf("%s, %v", out, err)
	}
}

// The response is the documented one, byte for byte.
func TestDocumentedResponse(t *testing.T) {
	t.Parallel()
	want := compacted(t, "response.json")
	e := event("id1", "id2", "id3", "id4", "id5")
	h := by(map[string]error{"id2": errLost, "id4": worker.Snooze(0)})
	r, err := onlambda.Handler(h)(t.Context(), e)
	if got, _ := json.Marshal(r); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
	var back events.SQSEventResponse
	if err := json.Unmarshal(want, &back); err != nil || !reflect.DeepEqual(back, r) {
		t.Errorf("%v, %v; want %v", back, err, r)
	}
}
