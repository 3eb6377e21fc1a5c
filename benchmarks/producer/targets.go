package main

import "github.com/quayside-go/quayside/benchmarks/internal/report"

const (
	fewest     = 0.101 // requests that a message may take when batches are full: one in a hundred may be missing
	moreAllocs = 2.5   // allocations that the producer may add to a message
)

// targets are all that this program can judge, in the order they are written. How full batches are depends on
// which goroutines get to run; even on a machine that is busy, they are two thirds full.
var targets = []report.Target{
	report.AtMost("process Send requests", "requests a message in process, 64 x Send", "0.101", 1).Anywhere(1.5),
	report.AtMost("process SendAsync requests", "requests a message in process, 64 x SendAsync", "0.101", 1).Anywhere(1.5),
	report.AtMost("process SendAll requests", "requests a message in process, SendAll", "0.101", 1).Anywhere(1.1),
	report.AtMost("process Send allocations", "allocations of a message in process, 64 x Send, beyond by hand", "2.5", 1).Anywhere(1),
	report.AtMost("process SendAsync allocations", "allocations of a message in process, 64 x SendAsync, beyond by hand", "2.5", 1).Anywhere(1),
	report.AtMost("process SendAll allocations", "allocations of a message in process, SendAll, beyond by hand", "2.5", 1).Anywhere(1),
	report.AtLeast("process Send rate", "messages/s in process, 64 x Send", "batches by hand", 0.95),
	report.AtLeast("process SendAsync rate", "messages/s in process, 64 x SendAsync", "batches by hand", 0.95),
	report.AtLeast("process SendAll rate", "messages/s in process, SendAll", "batches by hand", 0.95),
	report.AtMost("http Send requests", "requests a message over HTTP, 64 x Send", "0.101", 1).Anywhere(1.5),
	report.AtMost("http SendAsync requests", "requests a message over HTTP, 64 x SendAsync", "0.101", 1).Anywhere(1.5),
	report.AtMost("http SendAll requests", "requests a message over HTTP, SendAll", "0.101", 1).Anywhere(1.1),
	report.AtLeast("http Send rate", "messages/s over HTTP, 64 x Send", "batches by hand", 0.95),
	report.AtLeast("http SendAsync rate", "messages/s over HTTP, 64 x SendAsync", "batches by hand", 0.95),
	report.AtLeast("http SendAll rate", "messages/s over HTTP, SendAll", "batches by hand", 0.95),
	report.AtMost("latency", "time of one Send over HTTP", "SendMessage", 1.1),
}
