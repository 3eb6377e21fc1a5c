package main

import (
	"encoding/json"

	"github.com/quayside-go/quayside/worker"
)

// reason reads why a worker has moved a message to the dead-letter queue.
func reason(m *worker.Message) string {
	note := m.Attributes["Quayside.DeadLetter"].StringValue
	if note == nil {
		return "SQS has moved it: it was received too often"
	}
	var said struct{ Reason string }
	if err := json.Unmarshal([]byte(*note), &said); err != nil {
		return err.Error()
	}
	return said.Reason
}
