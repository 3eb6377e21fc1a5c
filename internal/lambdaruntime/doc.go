// Package lambdaruntime runs a function as AWS Lambda does: it starts its processes and serves
// each of them the Lambda Runtime API, so that a bootstrap made for provided.al2023, in any
// language, runs unchanged.
//
//	p, err := lambdaruntime.New(func(o *lambdaruntime.Options) { o.Command = []string{"./bootstrap"} })
//	slot, err := p.Acquire(ctx)
//	response, err := slot.Invoke(ctx, requestID, event, before)
//	slot.Release()
//	p.Close()
//
// # A process
//
//	starting --- exit, /init/error, Options.InitTimeout --> gone, backoff
//	   | /invocation/next
//	   v
//	waiting ---- exit, or hung up and no next within -----> gone
//	   |         the timeout                      ^  ^
//	   | an event is there                        |  |
//	   v                                          |  |
//	running ---- exit, Options.Timeout: killed ---/  |
//	   | /invocation/{id}/response or /error         |
//	   v                                             |
//	answered --- exit, no next within the timeout ---/
//	   | /invocation/next
//	   v
//	waiting
//
// A slot is a place for one process: when that is gone, the slot starts another one. A process
// that went without having taken an event counts as one that could not start, and then the
// slot pauses first, from a quarter of a second up to half a minute. Slots are added,
// up to Options.Concurrency, while more calls of Acquire wait than slots are about to be ready;
// so there is a process for each invocation that ran at the same time as others, and one ready
// for the next.
//
// # The Runtime API
//
// Each process has a server of its own on loopback: what it says concerns it, and nothing
// that an earlier process of the slot left behind can reach it.
//
//	GET  /2018-06-01/runtime/invocation/next            waits for an event
//	POST /2018-06-01/runtime/invocation/{id}/response   202; 413 if larger than 6 MB
//	POST /2018-06-01/runtime/invocation/{id}/error      the same
//	POST /2018-06-01/runtime/init/error                 the same
//
// An id that is not that of the event at hand, or was answered already, is refused with 400, a
// next while an event is at hand with 403, anything else with 404, each with
// {"errorMessage": ..., "errorType": ...}. So are requests of web pages (guard.go), with 403.
// There are no extensions, and no Telemetry API.
//
// # The end of processes
//
// A process leads a group (on Windows it is in a job), and whenever it is gone the rest of the
// group is killed; what has left the group is not seen. A timeout kills; Close asks with SIGTERM and kills half a second later.
//
// # Concurrency
//
// These goroutines exist:
//
//   - one for each slot (slot.go), which starts its processes one after another and waits
//     for them. Close waits for it.
//   - for each process one that waits for its end, two that copy its output (pipe.go), and its
//     server's (process.go). The slot waits for these. Those of the server's connections end
//     when it is closed.
//   - for standard output and standard error one while something is written there (output.go).
//     Nobody waits for that once the process has been gone for a second.
//   - timers: while a process starts or is about to be started again, an event waits for one
//     or is at hand, or a next is due.
package lambdaruntime
