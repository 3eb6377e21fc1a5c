// Wire compares `quayside serve` with yardsticks, all in one run, and writes each figure beside the
// target it should reach. `make bench-wire` runs it; by hand:
//
//	cd benchmarks && go run ./wire [-quick] [-peers[=NAMES]] [-only NAMES] [-rounds N] [-markdown]
//		[-results FILE] [-csv FILE] [-assert] [-sdk-headers] [-quayside PROGRAM] [-deepest N]
//
// It builds quayside from the module around this one, takes about four minutes (-quick: one and a half),
// and needs 2 GB of memory and, for each process, 10,100 open files (`ulimit -n`). Processor time and
// memory of the servers are read on Linux only; elsewhere those columns are dashes. -peers adds about
// five minutes.
//
// # How to read a figure
//
// Client and servers share the machine, and perhaps others do too, so absolute figures mean little.
// What counts are ratios. Everything compared is measured in turn, in many short rounds, each of which
// begins with another server; a figure is the median over its rounds, and a ratio the median of the
// rounds' ratios (so it need not be the ratio of the two figures beside it). Every server was warmed up
// by rounds that are thrown away. Clocks are monotonic. Processor time is that of the whole process,
// user and system together, to the nanosecond.
//
// # Servers
//
//   - quayside: `quayside serve --addr 127.0.0.1:0 --log-level error`.
//   - ceiling: a net/http handler that decodes the same request with encoding/json and gives a fixed
//     answer of the right shape and size. It keeps no message.
//   - fixed: a net/http handler that reads the body and writes a fixed answer.
//   - raw: a fixed answer on the bare connection. It shows what the client can ask for.
//   - goaws and elasticmq, with -peers: goaws is built from its module, ElasticMQ is fetched by Maven
//     and run by java, and warmed up for 15 s. One that cannot be had, or that fails, is skipped, and the
//     output says so.
//
// Each is a process of its own, on loopback, without TLS or signatures. The client is this program: one
// goroutine a connection, requests made beforehand, a reply parsed as little as possible (internal/lean).
// Its processor time stands beside the servers': it is the bottleneck where it is more than theirs.
// -sdk-headers makes requests as long as an AWS SDK's, with an Authorization that nobody checks.
//
// # Measures (-only takes their names)
//
// Messages are 1,024 bytes of text without anything to escape, unless said otherwise.
//
//   - send, batch, single, cycle: throughput and processor time with 1, 16 and 64 connections of
//     SendMessage; SendMessageBatch of 10; ReceiveMessage of 1 and DeleteMessage, of messages sent before
//     and not counted; SendMessageBatch, ReceiveMessage and DeleteMessageBatch of 10. A slice, 80 ms of
//     one server, is a number of requests found beforehand, on a queue of its own, deleted afterwards.
//   - wake: one receiver with WaitTimeSeconds 20 is parked, and 1 ms later a message is sent on another
//     connection; the time from before the send until the receiver's reply is read. Between any two, a
//     GetQueueUrl is timed in the same way: 1 ms of rest, one goroutine writes, another waits for the
//     reply. Quantiles are taken of each round of 2,000.
//   - drain: queues with 1,000, 100,000 and -deepest (1,000,000) messages, each in a process of its own. In a round
//     1,000 messages are received and deleted by tens, by 4 connections, and 1,000 others are sent,
//     untimed; in the end all are drained until empty. A -quick run has messages of 100 bytes here.
//   - memory: VmRSS of a new process once 100,000 messages are sent by batches, and 5 s later; the larger
//     is judged. VmHWM beside it is the peak until they were sent. MB are 10^6 bytes.
//   - start: from before the process is made to the answer to ListQueues, 20 times.
//   - parked: 10,000 long polls of one queue, a connection each. Memory a poll is the growth of VmRSS,
//     net/http's part included; processor time is that of 3 s, after 3 s of rest. Then 10,000 messages
//     are sent, and every poll has to get one.
//   - idle: latency of SendMessage by one connection to a server that also has 10,000 connections which
//     sent nothing, or half a head, beside that of a second server without them; and what the server
//     does with such a connection within 40 s (not with -quick).
//   - depth, with -peers: the cycle with 16 connections on queues in which 0, 10,000 and 100,000 messages
//     wait all along.
//
// The exit status is 0 when all was measured, whether or not targets were met: a noisy machine misses
// some. With -assert it is 1 if those are missed, of what was measured, that hold on any machine: processor time that
// grows with depth, memory of a parked poll, and some that are met many times over, each with a wide bound.
package main
