// Producer compares quayside's producer with bare SDK calls, all in one run, and writes each figure beside the
// target it should reach. `make bench-producer` runs it; by hand:
//
//	cd benchmarks && go run ./producer [-quick] [-only NAMES] [-rounds N] [-markdown]
//		[-results FILE] [-csv FILE] [-assert]
//
// It takes about a minute and a half (-quick: half of one).
//
// # How to read a figure
//
// Everything shares the machine, and perhaps others do too, so absolute figures mean little. What counts are
// ratios. Everything compared is measured in turn, in rounds, each of which begins with another; a figure is the
// median over its rounds, and a ratio the median of the rounds' (so it need not be that of the two figures
// beside it). The first round warms up and is thrown away. Clocks are monotonic.
//
// # Servers and clients
//
// The server is localqueue in memory, in this process: called directly, or behind net/http on loopback by an
// *sqs.Client that signs its requests and sends them over sqshttp. Requests are counted where the client is
// called. Every round has a queue of its own, which is looked at afterwards: all messages must be there.
//
// The yardstick is how one sends many messages by hand: four loops, each of which fills a SendMessageBatch with
// ten, makes it and looks at every error. Sixteen such loops, which is as many requests at once as the producer
// may make, and loops of SendMessage, which send a tenth of the messages, are there for orientation.
//
// # Measures (-only takes their names)
//
//   - process, http: 100,000 messages of 256 bytes: by 64 goroutines that call Send, which waits for each answer,
//     or SendAsync, 25 times before they look at the answers; and by calls of SendAll with 10,000 each, one after
//     the other. Allocations are by the runtime's count, the server's in this process included; in process, those
//     beyond the yardstick's are judged.
//     In process the loops by hand are out of reach: a message takes two microseconds of processor time there,
//     and what a producer does besides (a copy of the message, a look at every byte of it, a place in a line, the
//     hand-over from one goroutine to another and back) takes a good half of one more:
//     `go test ./producer -run - -bench SendAll -cpuprofile FILE` shows where.
//   - latency: one goroutine sends one message after the other and waits for each answer, by SendMessage and by
//     Send. Over HTTP this is judged; in process, where a request takes a few microseconds, it shows what the way
//     through the producer's goroutine costs.
//
// The exit status is 0 when all was measured, whether or not targets were met: a noisy machine misses some.
// It is 1 when a message was not sent; with -assert also when requests or allocations a message, of what was
// measured, are more than they are on any machine, however busy.
package main
