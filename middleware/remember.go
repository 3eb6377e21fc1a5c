package middleware

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/quayside-go/quayside/worker"
)

// remembered is the Data of a record that is Completed.
type remembered struct {
	Outcome worker.Outcome `json:"outcome"`
	Reason  string         `json:"reason,omitempty"` // of Discarded
}

// remember returns what a record says of a handler that returned err, and whether its
// message is done with, so that there is something to say.
func remember(outcome worker.Outcome, err error) (data string, done bool) {
	r := remembered{Outcome: outcome}
	switch outcome {
	case worker.Done:
	case worker.Discarded:
		r.Reason = reason(err)
	default:
		return "", false
	}
	text, _ := json.Marshal(r) // strings can be encoded
	return string(text), true
}

// recall returns for a copy of a message what the handler has returned for the first.
// Data that somebody else has written stands for done.
func recall(data string) error {
	var r remembered
	if err := json.Unmarshal([]byte(data), &r); err == nil && r.Outcome == worker.Discarded {
		if r.Reason == "" {
			return worker.Discard(nil)
		}
		return worker.Discard(errors.New(r.Reason))
	}
	return nil
}

// reason is the text that Discard was given, in valid UTF-8 and at most 1,000 bytes.
func reason(err error) string {
	const most = 1000
	s := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "discard"), ": ") // Discard's own words
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "..."
	}
	return s
}
