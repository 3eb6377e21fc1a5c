// Growth measures localqueue in process: what each step of a message costs as messages, queues, message
// groups and receivers grow in number, all in one run, and writes each figure beside the target it should
// reach. `make bench-growth` runs it; by hand:
//
//	cd benchmarks && go run ./growth [-quick] [-only NAMES] [-rounds N] [-markdown]
//		[-results FILE] [-csv FILE] [-assert]
//
// It takes about four minutes (-quick: half of one), and needs 3 GB of memory for 10,000,000 messages and 2 GB
// for 100,000 queues. Where less is available those are left out, and the output says so.
//
// # How to read a figure
//
// Others may share the machine, so absolute figures mean little. What counts are ratios. Everything compared
// is measured in turn, in rounds, each of which begins with another; a figure is the median over its rounds,
// and a ratio the median of the rounds' (so it need not be that of the two figures beside it). Clocks are
// monotonic. Messages have 100 bytes, unless said otherwise.
//
// # What is run
//
// In each round, each of what is compared is a process of its own, so that what one leaves in the heap is not
// another's burden. It is a Go benchmark of localqueue/internal/engine, of localqueue/internal/wire or of
// localqueue, whose test binaries are built from the module around this one; for queues and receivers it is this
// program started again, which uses localqueue as anybody would. `go test -run - -bench Depth
// ./localqueue/internal/engine` runs one by hand.
//
// The engine is the state machine that is below locks, checksums, identifiers and the types of the SDK;
// localqueue is all of these. The yardsticks are
//
//   - a copy of the body and two uncontended locks, the least that any queue could do;
//   - the naive engine, the same rules in maps, lists and an object a message, which the tests of the engine
//     compare it with;
//   - bodies that are an object of the heap each;
//   - MD5 of the bodies alone.
//
// With -quick there are 1,000,000 messages, 1,000 queues and 1,000 receivers at most, so that the targets for
// 10,000,000 messages are not measured, and neither is the memory of parts.
//
// # Measures (-only takes their names)
//
//   - cycle: ten messages are sent one by one, received at once and deleted one by one, in a queue that is
//     empty before, and in one in which 1,000,000 others wait. The clock is read once in 1,000 messages, and the
//     median of all such stretches is the time: what else the machine does shows little, nor do the collections
//     that the naive engine causes.
//   - depth: 1,000 messages are sent, received by tens, given another visibility timeout in random order, and
//     deleted; then come 100 cycles. The median of all such stretches is a step's time. The other messages
//     wait all along.
//   - groups: the cycle in FIFO queues, each message of a random group, beside the cycle in standard queues.
//   - queues: batches of ten are sent, received and deleted through localqueue, each time in another queue,
//     at random; in each a message waits. The time is the median of all such cycles. Memory is that of the heap after a collection; with a single
//     queue it includes what all share. While cycles are timed, nothing is collected: with few queues the heap
//     is so small that this would be most of what is measured.
//   - receivers: so many goroutines wait in ReceiveMessage. Messages are sent one by one, each once the one
//     before was received; whoever received it deletes it meanwhile, and waits again. Processor time is that
//     of the whole process, the collector's included.
//   - collection: the median of five full collections with so many messages there; the longest time that
//     one stopped everything else; and sends, each of which is timed, while another goroutine collects all
//     the time. Between two, the oldest message is received and deleted. For bodies that are an object each, a
//     send is a copy of a body that takes the place of the oldest.
//   - calls: SendMessageBatch, ReceiveMessage and DeleteMessageBatch of ten in the shape of the SDK.
//   - codec: the JSON of requests and replies, read and written by the server's own codec and by encoding/json, with
//     bodies in which nothing is escaped, and with such as are JSON themselves. The worst document of each way is judged.
//   - memory: the heap with 1,000,000 messages of each kind, beside that with as many plain ones. It is counted,
//     not timed, and therefore in one round.
//
// The exit status is 0 when all was measured, whether or not targets were met: a noisy machine misses some.
// With -assert it is 1 if those are missed, of what was measured, that hold on any machine: allocations,
// memory, and growth with messages, groups and receivers, by bounds that are much wider where times are
// compared.
package main
