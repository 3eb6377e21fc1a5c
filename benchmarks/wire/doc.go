// Wire compares `quayside serve` with other servers and with yardsticks, all in one run, and writes each
// figure beside the target it should reach. `make bench-wire` runs it; by hand:
//
//	cd benchmarks && go run ./wire [-quick] [-peers=NAMES] [-only NAMES] [-rounds N] [-markdown]
//		[-results FILE] [-csv FILE] [-assert] [-sdk-headers] [-quayside PROGRAM] [-deepest N]
//
// It builds quayside from the module around this one, takes about fifteen minutes (-quick -peers=goaws: two),
// needs 2 GB of memory, 2 GB of disk where temporary files are and, for each process, 10,100 open files
// (`ulimit -n`). Processor time and memory of the servers are read on Linux only; elsewhere those columns
// are dashes. -peers names the other servers (all of them, unless it does); -peers=none: without them.
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
//   - quayside: `quayside serve --addr 127.0.0.1:0 --log-level error`, in memory.
//   - quayside --dir: the same with `--dir`, in a directory where temporary files are: what it answers is on
//     the disk. None of the other servers promises that here.
//   - ceiling: a net/http handler that decodes the same request with encoding/json and gives a fixed
//     answer of the right shape and size. It keeps no message.
//   - fixed: a net/http handler that reads the body and writes a fixed answer.
//   - raw: a fixed answer on the bare connection. It shows what the client can ask for.
//   - goaws, elasticmq, localstack, moto and ministack are the peers, with their versions above. goaws is
//     built from its module; ElasticMQ is fetched by Maven, run by java, and warmed up for 15 s. The others
//     are installed by pip into benchmarks/build, with dependencies as of a fixed day: LocalStack in its last
//     version that needs no token, moto's server, and MiniStack. moto ends the connection with every reply: a
//     request that follows makes another, and that is part of what it costs. A peer that cannot be had, or that fails, is
//     skipped, and the output says so and why; so it does of newcomers that no registry has.
//
// Peers are bounded: they take part in the first seven rounds (-quick: five) only, and in fewer if they are
// slow, and one is "too slow" where it would take minutes for what others do in seconds. After every slice
// the server is asked how many messages its queue has: one that has others than it should, by its own
// answers, is "failed" and has no figure. (A standard queue may deliver a message twice, so a difference of
// one in twenty of the messages that were moved is let pass.)
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
//   - depth: the cycle with 16 connections on queues in which 0, 10,000 and 100,000 messages wait all along.
//   - empty: queues with 1,000, 100,000 and a million messages (-quick: none that deep, and of 100 bytes), filled by
//     batches and drained as in drain, until they are empty or for 3 s. A peer that cannot be sent the messages in
//     10 s (-quick: 15) is too slow, and so is quayside after four times as long.
//   - fifo: a cycle with 16 connections on FIFO queues with 1, 10, 1,000 and 10,000 groups, of high throughput
//     where the server knows it: ReceiveMessage of 10, DeleteMessageBatch of what came, and SendMessageBatch of
//     as many, of the groups in turn. At least 1,000 messages wait, and at least one of each group. With one group, 15
//     of the 16 receivers find it held, and their empty replies are part of what a message costs. This and the next have half of the rounds.
//   - sdk: send and cycle with 16 connections by aws-sdk-go-v2, one sqs client over sqshttp.Client, which
//     signs and checks as it does for SQS, beside the lean client. Processor time of the client is what
//     it costs itself, this program's part of it included.
//   - wake: one receiver with WaitTimeSeconds 20 is parked, and 1 ms later a message is sent on another
//     connection; the time from before the send until the receiver's reply is read. Between any two, a
//     GetQueueUrl is timed in the same way: 1 ms of rest, one goroutine writes, another waits for the
//     reply. Quantiles are taken of each round of 1,000 (on other servers than quayside in memory: three of 300).
//   - drain: queues with 1,000, 100,000 and -deepest (1,000,000) messages, each in a process of its own. In a round
//     1,000 messages are received and deleted by tens, by 4 connections, and 1,000 others are sent,
//     untimed; in the end all are drained until empty. A -quick run has messages of 100 bytes here.
//   - memory: VmRSS of a new process once 100,000 messages are sent by batches, and 5 s later; the larger
//     is judged. VmHWM beside it is the peak until they were sent. MB are 10^6 bytes. Peers have as many messages as
//     they are sent in that time.
//   - start: from before the process is made to the answer to ListQueues, 20 times (peers: 3).
//   - parked: 10,000 long polls of one queue, a connection each. Memory a poll is the growth of VmRSS,
//     net/http's part included; processor time is that of 3 s, after 3 s of rest. Then 10,000 messages
//     are sent, and every poll has to get one.
//   - idle: latency of SendMessage by one connection to a server that also has 10,000 connections which
//     sent nothing, or half a head, beside that of a second server without them; and what the server
//     does with such a connection within 40 s (not with -quick).
//
// The exit status is 0 when all was measured, whether or not targets were met: a noisy machine misses
// some. With -assert it is 1 if those are missed, of what was measured, that hold on any machine: processor time that
// grows with depth, memory of a parked poll, and some that are met many times over, each with a wide bound.
package main
