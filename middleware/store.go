package middleware

import (
	"context"
	"errors"
	"time"
)

// Store is where [Idempotent] keeps its records. [MemoryStore] is one; others can keep
// them in a database that several processes share. All methods may be called by many
// goroutines at once, must do what they do in one step, and must return when ctx ends:
// that happens 5 seconds after the call at the latest.
type Store interface {
	// Claim stores r, which is InProgress, unless there is a record with its ID that is
	// not [Record.Free]. It returns what is stored then: r itself or the record that is
	// in its way. Idempotent tells them apart by Owner, so that a request that was
	// repeated because its answer got lost finds its own claim, and has it.
	Claim(ctx context.Context, r Record) (Record, error)

	// Update stores r in place of the record with its ID, if that is InProgress and
	// has the same Owner, free or not; otherwise it changes nothing and returns an
	// error that is ErrClaimLost. It makes claims last longer, and completes them.
	Update(ctx context.Context, r Record) error

	// Release removes the record with the ID of r under the condition of Update.
	Release(ctx context.Context, r Record) error
}

// ErrClaimLost is returned by a [Store] that finds another record, or none, where a
// claim should be. It is the cause (context.Cause) with which [Idempotent] cancels the
// context of a handler whose claim is lost.
var ErrClaimLost = errors.New("middleware: the claim is lost: it ran out, or another has it")

// Status is how far the message of a [Record] has come.
type Status string

// The statuses.
const (
	InProgress Status = "INPROGRESS"
	Completed  Status = "COMPLETED"
)

// Record is what a [Store] holds about the messages of one key. But for Owner, which is
// Idempotent's own, fields, names and meanings are those of the idempotency records of
// Powertools for AWS Lambda. The JSON names serve DynamoDB too
// (attributevalue.EncoderOptions.TagKey).
type Record struct {
	ID                   string `json:"id"` // "<prefix>#<key>"
	Status               Status `json:"status"`
	Expiration           int64  `json:"expiration"`                       // Unix seconds; what is older does not count
	InProgressExpiration int64  `json:"in_progress_expiration,omitempty"` // Unix milliseconds: when a claim runs out
	Data                 string `json:"data,omitempty"`                   // Completed: the outcome, as JSON
	Validation           string `json:"validation,omitempty"`             // what IdempotentOptions.Validation returned
	Owner                string `json:"owner,omitempty"`                  // random, of the call of the handler that made the claim
}

// Free reports whether a claim may take the place of r: it has expired, or is a claim
// that has run out. As a condition of DynamoDB:
//
//	attribute_not_exists(id) OR expiration < :now OR
//	(status = INPROGRESS AND attribute_exists(in_progress_expiration)
//	 AND in_progress_expiration < :now_ms)
func (r Record) Free(now time.Time) bool {
	if r.Expiration < now.Unix() {
		return true
	}
	return r.Status == InProgress && r.InProgressExpiration != 0 && r.InProgressExpiration < now.UnixMilli()
}
