// Package offlambda runs a function written for the SQS trigger of AWS Lambda on a worker,
// unchanged:
//
//	w := worker.New(client, "orders", offlambda.Handler(handle))
//
// where main called lambda.Start(handle) before. It takes every form of function that
// lambda.Start takes: with a context and without, with an events.SQSEvent, a type of its own
// or nothing, with a response or without, with an error or without; and a lambda.Handler. What
// lambda.NewHandler has made is called one event at a time, as it bears no more; give Handler the
// function itself.
//
// # What the function sees
//
// An event as Lambda makes it, of up to Options.BatchSize messages, one unless set otherwise.
// Bodies and message attributes are those that middleware around the handler has left. The
// messages of one FIFO group never share an event: a worker handles them one after another.
//
// The context carries the values of the first message's context, and [worker.BatchMessages]
// returns all messages. It is cancelled when those of all messages are (their leases are
// lost, the worker drains), and has a deadline if there is an Options.Timeout. In it is a
// lambdacontext.LambdaContext with a request id of its own for each call, and nothing else. The
// variables of the environment that Lambda sets are missing, and so are those of package
// lambdacontext.
//
// # What its response means
//
// What Lambda makes of it with ReportBatchItemFailures:
//
//   - nothing, null, an empty string, and an object without batchItemFailures, or with an
//     empty list of them, or null: all messages are done;
//   - messages named in it fail with [ErrReported], the others are done;
//   - an error, a panic, any other response, a batchItemFailures that is not a list of
//     objects with an itemIdentifier, or one that is empty or names no message of the event:
//     all messages fail.
//
// For a function whose trigger lacks ReportBatchItemFailures, so that Lambda pays no attention
// to what it returns, set Options.IgnoreResponse.
//
// Messages that failed come back when worker.Policy says so, not when their visibility
// timeout ends, and an error may be an outcome, such as [worker.DeadLetter]. On a worker a
// function may run for as long as Options.MaxLease of the worker allows: after
// Options.Timeout its context has ended, but what it returns counts.
package offlambda
