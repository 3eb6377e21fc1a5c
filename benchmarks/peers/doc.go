// Peers compares workers and producers of other libraries, and such as one writes by hand, with quayside's, side by
// side in one run, and writes what quayside should reach beside its target. `make bench-peers` runs it; by hand:
//
//	cd benchmarks && go run ./peers [-quick] [-only NAMES] [-rounds N] [-markdown]
//		[-results FILE] [-csv FILE] [-assert]
//
// It takes about eleven minutes (-quick: two, with one round, without the 5 ms, and without handlers of 1 ms).
// Processor time is read on Linux only; elsewhere those columns are dashes.
//
// # How to read a figure
//
// Everything shares the machine, and perhaps others do too, so absolute figures mean little. What counts are ratios,
// beside the first of each list, which is what one writes by hand. Everything compared is measured in turn, in
// rounds, each of which begins with another; a figure is the median over its rounds, and a ratio the median of the
// rounds' (so it need not be that of the two figures beside it). Processor time and allocations are those of this
// whole process, the SDK and the collector included; the server is another. Requests are counted by the server when
// they begin. A request a message does not count the look-up of the queue, nor, of a worker, the send.
//
// Who fails is skipped aloud, with the reason, and is out for the rest of that part of the measure; its row has what
// the rounds before brought. The versions of the modules compared are with the results (-results).
//
// # Server and clients
//
// The server is localqueue in memory behind net/http, on loopback, without TLS: a process of its own, which is this
// program started again. Everyone is given an *sqs.Client of his own, of one SDK version and with the same settings,
// which signs its requests and sends them over sqshttp. Requests take 0, 5 or 20 ms longer than on loopback: the
// client's transport waits for half of that before it sends one, and half before it hands over the reply, that of a
// long poll too. Messages have 256 bytes. Retries are the SDK's, but for quayside's, which makes its own.
//
// # Workers, and how they are configured
//
// All have 64 handlers at once where there is such a setting.
//
//   - careful loops: seven loops by hand, each of which receives ten messages by long polls of 20 s, handles each in
//     a goroutine of its own, and deletes those that succeeded with one request. So it has up to 70 handlers, the
//     fewest tens that are not fewer than 64. When it is to end, its long polls are cancelled and what is in hand is
//     finished. It does not extend visibility timeouts.
//   - naive loop: one loop that receives ten messages by long polls, handles one after the other, and deletes each.
//     When it is to end, it finishes the one in hand and leaves the rest.
//   - quayside: the defaults but Concurrency, and timeouts of the drain that fit into the grace of 10 s.
//   - quayside, Prefetch: the same with up to 640 messages received ahead, whatever their size: PrefetchBytes is for
//     as many of the largest. It is measured under load only.
//   - gocloud: gocloud.dev/pubsub with awssnssqs: the loop of its example for concurrent handlers, with a semaphore
//     of 64, Raw set as its documentation says for messages that are not from SNS, and the batchers' defaults, which
//     are the most they can be set to: up to 100 receives of ten and 100 deletes of ten at once. It receives ahead as
//     many messages as it expects to need in two seconds. Beyond the example, a message received when it is time to
//     end, or whose handler failed, is given back, and Shutdown flushes the deletes.
//   - gocloud, WaitTime: the same with long polls of 20 s instead of short ones 250 ms apart, the default. Its
//     documentation says that messages may be delayed by that long, so both are in latency; while a queue is never
//     empty they are the same.
//   - watermill-aws is named and skipped: its module is not to be had for this build. Its router alone receives
//     nothing from SQS, and a subscriber of this program's own would not be watermill's.
//
// # Senders, and how they are configured
//
//   - SendMessageBatch: each of 64 goroutines fills a request with ten messages and looks at every error.
//   - SendMessage: each sends one to a request.
//   - quayside Send: a producer with its defaults, so up to sixteen requests at once; each goroutine sends one message
//     and waits. 64 such messages take seven requests, which is what its requests a message are judged beside.
//     SendAll: each goroutine has ten messages, as those of SendMessageBatch have, and there can be as many requests.
//   - gocloud Send: a topic with its defaults, up to 100 requests at once, so that with 64 callers each message
//     goes alone. With MaxHandlers 8 messages wait for company sooner.
//   - watermill-aws publisher: skipped, as above.
//
// # Measures (-only takes their names)
//
//   - load: handlers that take 0, 1, 10 and 100 ms, at random from half of it to one and a half. After 0.8 s of
//     warming up, a second (-quick: 0.7) is measured in which the queue is never empty, by what the server has
//     deleted, by its count of requests, and by the processor time and allocations of this process. Quayside's
//     requests a message are judged beside those of the careful loops, where they are worst.
//   - latency: 200 messages, 100 a second on average, at random times, to a worker that waits for them with handlers
//     that take no time: from before the send, in the server, until the handler begins. The clock is the wall
//     clock, which the two processes share. What was not handled 3 s after the last send counts as infinite, and is
//     in the last column; a loop that is too slow for the rate falls behind. p99 is the third longest of 200.
//   - outlive: handlers that take 5 s, a visibility timeout of 2 s, 20 messages, and two workers of a kind on the
//     queue, until all messages are deleted, or 16 s have passed. Handled again are handlers that were called for a
//     message that had been begun before, in either worker. A loop that is busy with the ten it has meets nobody
//     else's messages, so a naive one shows what it has not begun rather than duplicates. All kinds are measured at
//     the same time. Quayside's calls for a message begun are judged, in the worst round: one each.
//   - restart: a worker in a process of its own is sent SIGTERM when it has handled a third of 24 messages for every
//     handler it can have at once, and is killed if it has not ended 10 s later; then another is started and
//     handles the rest. Handlers take 200 ms, requests 5 ms longer, the visibility timeout is 10 s. Each
//     handler says on standard output when it begins and when it is done, before it goes on, so that nothing is
//     missed of a process that is killed. Begun again are handlers called for a message that had been begun before;
//     handled twice are those that were done with one that had been done before; never handled are messages that no
//     handler was done with when the queue was empty, or after 40 s. These are sums over the rounds. All deleted
//     after is the time from the start of the second worker until the queue is empty: what the first had in hand and
//     did not give back, or was on its way to it in the reply to a receive that it cancelled, comes when its
//     visibility timeout is over. All kinds are measured at the same time. Quayside is to handle every message,
//     and none twice; if messages were left after 40 s, neither is judged.
//   - send: 64 goroutines that send for half a second (-quick: 0.4). The queue must hold all messages in the end, once
//     each. Requests a message of Send and SendAll are judged beside those of SendMessageBatch.
//   - send-one: one goroutine that sends 50 messages (-quick: 20), one after the other, and waits for each answer; a
//     SendMessageBatch and a SendAll of one.
//
// The exit status is 0 when all measures were made, whatever came of them and whoever was skipped. It is 1 when there
// is one in which everyone failed, or the server did; with -assert also when quayside, of what was measured, made more
// requests, had more handlers called for a message, or handled more of them twice than on any machine, however busy,
// or lost one.
package main
