// Package onlambda runs a [worker.Handler] behind the SQS trigger of AWS Lambda, with the
// meanings that outcomes have on a worker:
//
//	lambda.Start(onlambda.Handler(worker.JSON(ship), func(o *onlambda.Options) {
//		o.Client = sqs.NewFromConfig(cfg)
//	}))
//
// A [worker.Mux], a [worker.Batch] and what middleware makes are handlers too. The trigger
// must have ReportBatchItemFailures among its FunctionResponseTypes: without it, Lambda
// deletes what failed.
//
// # Outcomes
//
// Lambda receives messages, calls the function with some of them, and deletes those that
// the response does not name. So what the response names are the messages that are not
// done, each once; what else is to become of them, SQS is asked for before:
//
//	outcome       in the response  asked of SQS
//	Done          no
//	Discarded     no
//	DeadLettered  no               a copy in the dead-letter queue, with the reason
//	Failed        yes              visible again after RetryAfter or Policy.Retry
//	Snoozed       yes              visible again after so long
//	Released      yes              visible again at once
//	not begun     yes              visible again at once
//	abandoned     yes              nothing: visible again when its visibility timeout ends
//
// If SQS does not do it, the outcome is as without a client. The durations count from when
// the handler has returned; SQS is asked once all of the batch has ended. A Snooze is no
// attempt as far as the process can tell, and that is no further than the environment
// lives; SQS's redrive policy counts every receive.
//
// # Without a client
//
// Options.Client may be nil. Then no permission is needed, and: what failed comes back when
// the queue's visibility timeout ends, whatever RetryAfter, Snooze or Policy.Retry say, and
// so does what was not begun; and nothing can be moved to a dead-letter queue, so that
// DeadLetter, and a body that cannot be decoded, are failures like others, which end there
// after as many receives as the redrive policy says.
//
// With one, the function's role needs sqs:ChangeMessageVisibility, which Lambda's own
// policies for triggers do not grant; for the dead-letter queue, sqs:SendMessage and
// sqs:GetQueueUrl there; and sqs:GetQueueAttributes and sqs:GetQueueUrl on the queue, which
// is asked about once in the life of an environment, when something is first asked of SQS.
// What is denied is lost as without a client.
//
// # FIFO queues
//
// The messages of a group are handled one at a time, in the order of the event, groups in
// parallel. The first failure ends the batch, as AWS asks of functions: what is running goes
// on to its end, and what has not begun is given back, the last of a group first, before the
// failed one. With Options.OtherGroups it ends its group alone. A snoozed message ends its
// group alone in any case. A worker holds a group for a short retry and tries it again in
// process, and moves a message that was out of attempts itself; here each retry is a receive,
// and the redrive policy the only one to move it.
//
// # The end of time
//
// A function that runs into its timeout has its whole batch delivered again, what was done
// included. So the batch ends Options.Margin before: nothing is begun any more, and handlers'
// contexts are cancelled with the cause worker.ErrDraining. What they return counts for half
// of that time, so that a handler that returns its context's error has its message Released.
// Those still running then are abandoned: the message is reported as failed, and what its
// handler does later, in the next invocation maybe, changes nothing. A context without a
// deadline has no such end; one that is cancelled ends the batch the same way.
//
// Visibility timeouts are not extended, and [worker.Message.LimitLease] does nothing: Lambda
// demands that a queue's is no shorter than the function's timeout.
//
// Nothing comes after the event: a [worker.Batch] that it does not fill waits in vain for as
// long as its wait, which should be short here.
//
// # Events
//
// What is not an SQS event, or has a record that no response could name, fails as a whole,
// with an error, before any handler is called. So it is with mistakes of set-up, such as those
// of a Mux: they are the errors of each invocation. A message that is in an event twice is
// handled once.
package onlambda
