package sqsevent_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/quayside-go/quayside/internal/sqsevent"
)

// FuzzResponse reads responses of any kind: what is said to have failed is of the batch, and
// what is not JSON fails altogether.
func FuzzResponse(f *testing.F) {
	for _, text := range []string{``, `null`, `""`, `{}`, `{"batchItemFailures":[{"itemIdentifier":"a"}]}`, `{"batchItemFailures":[{"itemIdentifier":null}]}`, `[]`, `{"batchItemFailures":{}}`} {
		f.Add([]byte(text))
	}
	ids := []string{"a", "b", "a"}
	f.Fuzz(func(t *testing.T, response []byte) {
		failed, err := sqsevent.Failures(response, ids)
		for id := range failed {
			if id != "a" && id != "b" {
				t.Errorf("%q has failed", id)
			}
		}
		if err != nil && len(failed) > 0 {
			t.Error("both an error and failures")
		}
		if err == nil && len(bytes.TrimSpace(response)) > 0 && !json.Valid(bytes.TrimSpace(response)) {
			t.Errorf("%q is fine", response)
		}
	})
}
