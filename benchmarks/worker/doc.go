// Worker compares quayside's worker with bare SDK calls, all in one run, and writes each figure beside the
// target it should reach. `make bench-worker` runs it; by hand:
//
//	cd benchmarks && go run ./worker [-quick] [-peers] [-only NAMES] [-rounds N] [-markdown]
//		[-results FILE] [-csv FILE] [-assert] [-cpuprofile FILE]
//
// It takes about seven minutes (-quick: one and a half; -peers adds one), and needs 4 GB of memory. Processor time
// and resident memory are read on Linux only; elsewhere those columns are dashes, and the output says what is
// skipped.
//
// # How to read a figure
//
// Worker and server share the machine, and perhaps others do too, so absolute figures mean little. What
// counts are ratios. Everything compared is measured in turn, in rounds, each of which begins with another;
// a figure is the median over its rounds, and a ratio or difference the median of the rounds' (so it need not
// be that of the two figures beside it). The first round of processor time warms up and is thrown away. Clocks
// are monotonic. Processor time is that of the whole process, user and system together, the collector
// included.
//
// # Servers and clients
//
// The server is localqueue in memory behind net/http, on loopback, without TLS: a process of its own, which
// is this program started again. It fills the queues itself, and counts what it is asked for: requests, by the
// action in their header, when they begin; connections when they are accepted; messages by the engine's own
// counters. The client is this program: an *sqs.Client that signs its requests and sends them over sqshttp.
//
// The yardstick of the worker is a loop as one writes it by hand: receive ten with everything that comes with
// a message, handle them, delete them together, look at every error. Handlers do nothing. More to compare with
// is a line in the list of callers.
//
// # Measures (-only takes their names)
//
//   - cpu: 10,000 messages of 1 KB wait; the time is that from the call until the last is deleted. The yardstick
//     is four loops, which handle their messages one after the other. For orientation there are one such loop,
//     which costs more, since a process that waits for each reply goes to sleep and wakes up all the time, and
//     four that handle each message in a goroutine of its own. The worker has 64 handlers; looking up its queue
//     and draining are included.
//   - local: 100,000 messages of 100 bytes, on localqueue in this process, by one loop and by the worker. What is
//     judged is processor time, which handlers that run at once do not hide, and allocations by the runtime's
//     count. -cpuprofile has one more round of the worker profiled, here or, without local, in cpu.
//   - asynq, with -peers: messages handled a second, of 100 bytes, by handlers that do nothing: by the worker, on
//     localqueue in memory in this process and over HTTP, and by asynq (which knows no SQS) on a Redis that stores
//     nothing. asynq has 20,000 tasks and 10 handlers, as in its own benchmark, and as many handlers as the worker;
//     what is judged is the worker in process beside the better of both in each round. The time of asynq ends when
//     the last handler begins, that of the worker when all is deleted and it has drained. Redis is the redis-server
//     that is installed; if none is, apt-get downloads one, which is unpacked and not installed; if that fails, all is
//     skipped.
//   - batches: 10, 64 and 256 handlers that take 0, 1, 10 and 100 ms, at random from half of it to one and a
//     half. After a second of warming up, requests are counted for two seconds, in which the queue is never
//     empty, by the server and by the worker's hook. A request a message counts every one from the client but
//     the look-up of the queue, and a tenth for the send. The worst of the four durations is judged. Handlers
//     busy is messages a second by how long they take: full batches are no merit if handlers wait for them.
//   - visibility: 256 handlers that outlive a visibility timeout of 2 s, so that all are extended, and 256 of 10 ms
//     that fail, so that their messages are put off for an hour. After the warming up, changes of visibility and the
//     messages in them are counted for four seconds (-quick: two), by the worker's hook.
//   - idle: 256 handlers have handled 2,000 messages; from a second after the last, requests that begin are
//     counted for 65 s (-quick: 25). One every 20 s is as few as long polls can be.
//   - connections: those that the server accepts from a worker of 64 handlers that is busy for 10 s and drains.
//     The SDK's own HTTP client is beside for orientation.
//   - ramp: a worker of 256 handlers waits on an empty queue; 2,560 messages are sent at once, by the server
//     itself. Handlers take 2 s, so that all of them run at once only if the last begins before the first ends;
//     the time is from before the first send until they do. Once on loopback, and once 20 ms away, half of it
//     before each request and half before its reply. A round in which they never do fails the target.
//   - memory: a worker in a process of its own, with 256 handlers, is sent 768 messages of 1 MiB. The first 256
//     are held until all handlers have one, and 2 s more; then each for 2 s. VmRSS is watched from outside;
//     what is judged is VmHWM, its peak, beside the bound in memory.go, which says what it is made of.
//
// The exit status is 0 when all was measured, whether or not targets were met: a noisy machine misses some.
// It is 1 when a message was not deleted, or when something took minutes that should take seconds; with -assert
// also when allocations in process or requests a message, of what was measured, are more than they are on any
// machine, however busy.
package main
