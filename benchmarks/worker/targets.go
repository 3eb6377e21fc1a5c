package main

import "github.com/quayside-go/quayside/benchmarks/internal/report"

// targets are all that this program can judge, in the order they are written. Those of requests are for the
// worst of the durations that as many handlers were measured with. Anywhere they are those of batches half full,
// and with 10 handlers of fewer: of those that take long, few requests fall into the time that is watched.
var targets = []report.Target{
	report.AtMost("cpu", "CPU of a message over HTTP", "bare SDK calls", 1.1),
	report.AtMost("local time", "time of a message in process, beyond bare calls", "2 us", 1),
	report.AtMost("local allocations", "allocations of a message in process, beyond bare calls", "10", 1).Anywhere(1),
	report.AtLeast("received 10", "messages of a receive, 10 handlers", "a full one", 0.9),
	report.AtLeast("received 64", "messages of a receive, 64 handlers", "a full one", 0.9),
	report.AtLeast("received 256", "messages of a receive, 256 handlers", "a full one", 0.9),
	report.AtLeast("deleted 10", "messages of a delete, 10 handlers", "a full one", 0.9),
	report.AtLeast("deleted 64", "messages of a delete, 64 handlers", "a full one", 0.9),
	report.AtLeast("deleted 256", "messages of a delete, 256 handlers", "a full one", 0.9),
	report.AtMost("requests 10", "requests a message, 10 handlers", "0.32", 1).Anywhere(2),
	report.AtMost("requests 64", "requests a message, 64 handlers", "0.32", 1).Anywhere(1.5),
	report.AtMost("requests 256", "requests a message, 256 handlers", "0.32", 1).Anywhere(1.5),
	report.AtLeast("extended", "messages of an extension, handlers that outlive their visibility timeouts", "a full one", 0.9),
	report.AtLeast("failed", "messages of a change of visibility, handlers that fail", "a full one", 0.9),
	report.AtMost("idle", "requests while idle", "one in 20 s", 1),
	report.AtMost("connections", "connections opened when busy", "handlers", 1.1),
	report.AtMost("ramp 0s", "from idle to 256 handlers", "1 s", 1),
	report.AtMost("ramp 20ms", "from idle to 256 handlers, 20 ms away", "1 s", 1),
	report.AtLeast("asynq", "messages handled a second, in process", "asynq, Redis that stores nothing", 3),
	report.AtMost("memory", "peak resident with 256 messages of 1 MiB", "bound", 1),
}
