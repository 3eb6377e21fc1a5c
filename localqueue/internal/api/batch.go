package api

import (
	"errors"
	"slices"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// MaxBatch is the most entries of a batch, and MaxBatchBytes the most bytes of a
// SendMessageBatch.
const (
	MaxBatch      = 10
	MaxBatchBytes = 1 << 20
)

// CheckBatch validates the number and the ids of a batch's entries. kind is the
// name of the entry in SQS's error text.
func CheckBatch(kind string, n int, id func(i int) string) error {
	if n == 0 {
		return engine.Errorf(engine.CodeEmptyBatch, "There should be at least one %s in the request.", kind)
	}
	if n > MaxBatch {
		return engine.Errorf(engine.CodeTooManyBatchEntries, "Maximum number of entries per request are %d. You have sent %d.", MaxBatch, n)
	}
	var ids [MaxBatch]string
	for i := range n {
		ids[i] = id(i)
		if !legalEntryID(ids[i]) {
			return engine.Errorf(engine.CodeInvalidBatchEntryID,
				"A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.")
		}
	}
	for i := range n {
		if slices.Contains(ids[:i], ids[i]) {
			return engine.Errorf(engine.CodeBatchIDsNotDistinct, "Id %s repeated.", ids[i])
		}
	}
	return nil
}

func legalEntryID(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return false
		}
	}
	return len(s) >= 1 && len(s) <= 80
}

// CheckTotal refuses a batch whose messages are longer than a batch may be.
func CheckTotal(n int) error {
	if n <= MaxBatchBytes {
		return nil
	}
	return engine.Errorf(engine.CodeBatchTooLong, "Batch requests cannot be longer than %d bytes. You have sent %d bytes.", MaxBatchBytes, n)
}

// Failed is an entry of a batch that was refused.
type Failed struct {
	ID, Code, Message string
	Receiver          bool // the server's fault, not the sender's
}

// Fail makes the Failed entry of an error.
func Fail(id string, err error) Failed {
	var e *engine.Error
	if errors.As(err, &e) {
		return Failed{id, e.Code, e.Message, e.Code == engine.CodeInternalError}
	}
	return Failed{id, engine.CodeInternalFailure, err.Error(), true}
}
