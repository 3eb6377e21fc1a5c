package localqueue

import "time"

// Request is what Options.OnRequest is told of an HTTP request that was answered.
type Request struct {
	ID       string // as in the reply's x-amzn-RequestId
	Protocol string // "json" or "query"
	Action   string // "" if it named none of SQS's
	// Account, Region and Queue are those the request named or was given by default;
	// Queue is "" for actions that have none.
	Account, Region, Queue string
	Status                 int
	Code, Text             string // of the error, as the reply tells it; "" on success
	Start                  time.Time
	// Duration ends, and Err is known, when net/http has taken the reply, or for one
	// with messages when the system has.
	Duration time.Duration
	Err      error // the reply could not be written, or a fault broke the connection (see Faults)
}
