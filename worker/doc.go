// Package worker handles the messages of an Amazon SQS queue: it polls, has a
// function called for each message, keeps messages invisible while they are
// handled, deletes what is done, has what failed delivered again, and drains when
// it is told to stop.
//
//	w := worker.New(sqs.NewFromConfig(cfg), "orders", worker.JSON(ship))
//	err := w.Run(ctx) // until ctx is done and the last message is settled
//
// # Delivery
//
// Messages are delivered at least once. A message is deleted after its handler has
// returned nil or [Discard], or after a copy of it is in the dead-letter queue, and
// for no other reason. So nothing is lost by a crash, a panic, a failed request or a
// drain; but a message is delivered again, and a handler must bear that, if
//
//   - its handler failed, or the process died;
//   - its visibility timeout could not be extended for so long that it ran out. The
//     handler's context is cancelled then ([ErrLeaseLost]);
//   - its handler held it for longer than it may (Options.MaxLease, 12 hours at
//     most). Its context is cancelled shortly before ([ErrMaxLease]);
//   - its delete did not reach SQS before the visibility timeout ran out. One Run
//     remembers at least the last 10,000 such messages and deletes them without
//     calling the handler; another process, or another Run, cannot know;
//   - a drain released it;
//   - SQS delivered it twice, as standard queues may.
//
// Each receive counts towards the maxReceiveCount of the queue's redrive policy, also
// of messages given back without having been handled.
//
// # AWS Lambda
//
// Package onlambda runs handlers behind the SQS trigger of AWS Lambda, with the same
// outcomes, and package offlambda functions for that trigger on a worker. Others who
// receive messages by themselves can use a [Host].
//
// # FIFO queues
//
// The messages of one group are handled one after another, in order, and groups in
// parallel. When one fails and is due again within 5 seconds, the worker holds its
// group under its leases and tries it again by itself; that costs no receive. For a
// longer time it leaves the message to SQS and gives those behind it back at once:
// they come again after it, which costs each of them a receive. Messages that have
// no receive to spare are held with their group instead, however long. And a message
// that has failed as often as maxReceiveCount allows is moved to the dead-letter
// queue by the worker itself, if it holds up others or was tried without receives, so
// that these are handled under the leases that it has. So while a worker lives, no
// message reaches the dead-letter queue for the failures of one before it; a crash, a
// drain or a lost lease costs those at hand a receive.
//
// # Life of a message
//
//	received --- was done before --------------------------> deleted, not handled
//	   |
//	waiting ---- one before it has failed; a drain --------> released
//	   |    \--- lease lost -------------------------------> SQS has it
//	   |
//	handling --- nil, Discard ----> done --- delete confirmed ---> gone
//	   |  ^                          \------ not, or too late ---> remembered
//	   |  |----- failed, FIFO: soon again, held
//	   |-------- failed, Snooze --> hidden for that long
//	   |-------- DeadLetter ------> copy sent, then done
//	   |-------- ErrDraining -----> released
//	   \-------- still running when the drain ends --> abandoned, released
//
// What is released comes again at once. What is remembered is known to be done should
// it be received again. A lease ends before anything is asked for its message, and an
// extension under way is waited for: no message is extended that nobody handles
// (lease.go has the states). [Options].Hook is told of each step.
//
// # Concurrency
//
// At most Options.Concurrency handlers run at once, and nothing is received that
// could not start at once, unless Options.Prefetch or a [PerKey] gate says so, and
// except for messages of one FIFO group that come with one reply: they share a permit. A receive asks for
// as many messages as there are free permits, up to ten. It waits for one if there is
// none, and, while handlers are running, up to 100 ms for more, so that receives
// bring several messages under load. Nothing is received either while more than ten
// times Options.Concurrency messages are done but not deleted. Workers can share
// their permits through a [Pool], and [Gate]s hold polling back.
//
// These goroutines exist while a worker runs. The caller of Run owns all of them, and
// they are gone when it returns, but for handlers that were abandoned:
//
//   - one to some pollers (fetch.go): one when idle, more under load, up to one for
//     every ten messages of Options.Concurrency and Options.Prefetch. A drain waits for
//     them first.
//   - the feeder (buffer.go), which starts messages that waited for a permit, if
//     Options.Prefetch is set or a [PerKey] gate is there.
//   - one for each running handler, with the messages of its group behind it
//     (chain.go), and up to 64 idle ones that wait for the next (hands.go). A drain
//     waits for them.
//   - up to 16 each for batches of deletes, of visibility changes and of extensions
//     (lane.go), of the first two also as many as there may be pollers, with one on its
//     way to SQS or waiting for the next. The end of a drain waits for them.
//   - a timer for the lease that is due first (leases.go), one for deletes that wait
//     for company or for another try, and one for visibility changes that wait for
//     another try, while there are any.
package worker
