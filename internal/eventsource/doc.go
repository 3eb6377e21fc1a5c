// Package eventsource does what AWS Lambda's event source mapping of an SQS queue does: it
// polls the queue, invokes a function with batches of messages, and deletes what the function
// has handled.
//
//	m, err := eventsource.Open(ctx, client, "orders")
//	err = m.Run(ctx, function) // until ctx ends and the last batch is settled
//
// # Batches
//
//	acquire --- no environment, the end --> over
//	   |
//	receiving --- nothing came ---------------> acquire again
//	   |
//	gathering --- the end of all -------------> released: visible at once
//	   |  size, window or 6 MB reached
//	invoking ---- error, timeout, crash, a
//	   |          response that makes no sense -> all of them failed
//	   |  response
//	settling ---- named in the response ------> failed
//	   \--------- the others -----------------> deleted
//
// An environment is acquired before anything is received, so that no message waits for a
// process that cannot start. A batch ends when it has Options.BatchSize messages, when
// Options.Window is over, counted from its first message (polls are of whole seconds, so it
// may be up to a second late), or when the next message would make the payload larger than
// Lambda's 6 MB; what did not fit begins the next batch. A FIFO queue has no window; one reply
// of it is one batch, and if that is too large its parts are invoked one after another, without
// the messages of groups that failed in an earlier part. Which groups are in flight is
// SQS's business: it hands out nothing of a group behind a message in flight.
//
// # What AWS does, and this too
//
// A message is deleted after a response that says it was handled, and for no other reason.
// What failed is left alone: it comes back when its visibility timeout ends, and each receive
// counts towards maxReceiveCount. An error, a timeout or a crash fails the whole batch.
// With ReportBatchItemFailures the response names what failed:
//
//	{"batchItemFailures": [{"itemIdentifier": "<messageId>"}]}
//
//	no body, null, "", {}, a list that is empty or null   all handled
//	not JSON, not an object, not a list; an identifier
//	that is empty, null, misspelled or not of the batch   all failed
//
// Names are case-sensitive, and unknown ones beside the list are not looked at. Without
// ReportBatchItemFailures the response is not looked at either: all handled.
//
// A standard queue may deliver a message twice, also into one batch. The function sees it
// twice then, as on AWS; named once it has failed twice, else both receipt handles are deleted.
//
// Lambda refuses a function timeout above the queue's visibility timeout; so does Open. It
// advises six times the timeout plus the window ([Mapping.Advice]).
//
// # What differs
//
// Lambda has several pollers and lowers its concurrency as invocations fail; here one
// poller receives as fast as environments are free. A window that would use up the
// visibility which the function needs is cut short ([Mapping.Advice] says so). A
// message that waited until its visibility timeout was over, for a batch before it or for a
// process that is started again, is not handed to the function: SQS delivers it again. When
// Run ends, what was received and not yet invoked is made visible at once; a receive under way
// is cut off, and what SQS was about to answer with comes back when its visibility timeout ends.
//
// # Concurrency
//
// Run is the poller. Each batch has a goroutine, from its invocation until it is settled,
// and up to four for its deletes; there are as many batches as the function has
// environments. Run waits for all of them. Once its ctx has ended it waits for Options.Drain
// at most, then has invocations cut off: their messages come back. Deletes may go on for half
// a minute more.
package eventsource
