// Package worker handles the messages of an Amazon SQS queue: it polls, has a
// function called for each message, deletes what is done, has what failed
// delivered again, and drains when it is told to stop.
//
//	w := worker.New(sqs.NewFromConfig(cfg), "orders", worker.JSON(ship))
//	err := w.Run(ctx) // until ctx is done and the last message is settled
//
// # Delivery
//
// Messages are delivered at least once. A message is deleted after its handler
// has returned nil, and for no other reason. So nothing is lost by a crash, a
// panic, a failed request or a drain; but a message is delivered again, and a
// handler must bear that, if
//
//   - its handler returned an error or panicked, or the process died;
//   - its handler took longer than the message's visibility timeout. This
//     version does not extend visibility timeouts while a handler runs: give the
//     queue one that is longer than the slowest handler;
//   - its delete did not reach SQS before the visibility timeout ran out. This
//     process remembers such messages and deletes them without calling the
//     handler; another one cannot know;
//   - a drain released it;
//   - SQS delivered it twice, as standard queues may.
//
// On a FIFO queue the messages of one group are handled one after another, in
// order, and groups in parallel. When a message fails, those of its group that
// were received with it are released, and come again after it. Each receive
// counts towards the maxReceiveCount of the queue's redrive policy, also of
// messages given back without having been handled.
//
// # Life of a message
//
//	received --- was done before --------------------------> deleted, not handled
//	   |
//	waiting ---- FIFO: one before it has failed; a drain --> released
//	   |    \--- its visibility timeout is over -----------> left
//	   |
//	handling --- nil -------> done --- delete confirmed ---> gone
//	   |                          \--- not, or too late ---> remembered
//	   |-------- error -----> failed - RetryAfter, Policy -> hidden that long
//	   |                          \--- otherwise ----------> left
//	   |-------- ErrDraining ------------------------------> released
//	   \-------- still running when the drain ends --------> abandoned, released
//
// What is left comes again when its visibility timeout runs out, what is released
// at once. What is remembered is known to be done should it be received again.
// [Options].Hook is told of each step.
//
// # Concurrency
//
// At most Options.Concurrency handlers run at once, and nothing is received that
// could not start at once: a receive asks for as many messages as there are free
// permits, up to ten, and waits for one if there is none. The messages of one
// FIFO group that came with one reply share a permit.
//
// These goroutines exist while a worker runs:
//
//   - the caller of Run polls, then drains. It owns everything else, and all of
//     it is gone when Run returns, but for handlers that were abandoned.
//   - one for each running handler (process.go), with the messages of its group
//     behind it. A drain waits for them.
//   - one for each batch of deletes or visibility changes on its way to SQS
//     (lane.go), repeats after failures included; at most four of either kind.
//     The end of a drain waits for them.
//   - the timer for deletes that wait for company, while there are any.
package worker
