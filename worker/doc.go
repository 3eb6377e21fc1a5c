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
//   - its handler took longer than the queue's visibility timeout. This version
//     does not extend the visibility timeout of a message while its handler runs:
//     give the queue one that is longer than the slowest handler takes, and on a
//     FIFO queue twice as long (see below);
//   - its delete did not reach SQS before the visibility timeout ran out. One Run
//     remembers at least the last 10,000 such messages and deletes them without
//     calling the handler; another process, or another Run, cannot know;
//   - a drain released it;
//   - SQS delivered it twice, as standard queues may.
//
// On a FIFO queue the messages of one group are handled one after another, in
// order, and groups in parallel. Those that came with one reply wait for each
// other, and their visibility timeouts are extended while they wait, so that each
// has at least half of it left when it starts. What cannot be extended is not
// started but released. When a message fails, those of its group that were
// received with it are released, and come again after it.
//
// Each receive counts towards the maxReceiveCount of the queue's redrive policy,
// also of messages given back without having been handled.
//
// # Life of a message
//
//	received --- was done before --------------------------> deleted, not handled
//	   |
//	waiting ---- FIFO: one before it has failed; a drain --> released
//	   |    \--- FIFO: its visibility timeout is over -----> released by SQS itself
//	   |
//	handling --- nil -------> done --- delete confirmed ---> gone
//	   |                          \--- not, or too late ---> remembered
//	   |-------- error -----> failed - RetryAfter, Policy -> hidden that long
//	   |                          \--- otherwise ----------> left
//	   |-------- ErrDraining ------------------------------> released
//	   \-------- still running when the drain ends --------> abandoned, released
//
// What is left comes again when its visibility timeout runs out, what is released
// at once. Once a message's visibility timeout has run out, nothing more is asked
// for it but its delete: it may be with another worker by then. What is
// remembered is known to be done should it be received again. [Options].Hook is
// told of each step.
//
// # Concurrency
//
// At most Options.Concurrency handlers run at once, and nothing is received that
// could not start at once, except for messages of one FIFO group that come with
// one reply: they share a permit. A receive asks for as many messages as there
// are free permits, up to ten. It waits for one if there is none, and, while
// handlers are running, up to 100 ms for more, so that receives bring several
// messages under load. Nothing is received either while more than ten times
// Options.Concurrency messages are done but not deleted.
//
// These goroutines exist while a worker runs:
//
//   - the caller of Run polls, then drains. It owns everything else, and all of
//     it is gone when Run returns, but for handlers that were abandoned.
//   - one for each running handler (chain.go), with the messages of its group
//     behind it; between two of them it may extend the visibility timeouts of
//     those that wait (extend.go). A drain waits for them.
//   - one for each batch of deletes or visibility changes on its way to SQS
//     (lane.go), at most four of either kind. The end of a drain waits for them.
//   - a timer for deletes that wait for company or for another try, and one for
//     visibility changes that wait for another try, while there are any.
package worker
