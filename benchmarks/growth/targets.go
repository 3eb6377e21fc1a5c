package main

import "github.com/quayside-go/quayside/benchmarks/internal/report"

// targets are all that this program can judge, in the order they are written. What holds on any machine is
// counted, or has a bound there that is many times wider: cost that grew with the number of messages would be a
// thousand times more.
var targets = []report.Target{
	report.AtMost("cycle", "10 sent, received, deleted: time of a message", "the greater of 1.5 x (a copy and 2 locks) and 120 ns", 1),
	report.AtMost("cycle allocations", "10 sent, received, deleted: allocations of 1,000 messages", "none", 0).Anywhere(10),
	report.AtLeast("naive", "messages/s, none waiting", "naive engine", 8),
	report.AtLeast("naive deep", "messages/s, 1,000,000 waiting", "naive engine", 8).Anywhere(2),
	report.AtLeast("cycle 1000000", "messages/s, 1,000,000 waiting", "none waiting", 0.8).Anywhere(0.1),
	report.AtLeast("cycle 10000000", "messages/s, 10,000,000 waiting", "none waiting", 0.7),
	report.AtMost("change 1000000", "ChangeVisibility, 1,000,000 waiting", "none waiting", 1.25).Anywhere(10),
	report.AtMost("change 10000000", "ChangeVisibility, 10,000,000 waiting", "none waiting", 1.25),
	report.AtMost("delete 1000000", "Delete, 1,000,000 waiting", "none waiting", 1.25).Anywhere(10),
	report.AtMost("delete 10000000", "Delete, 10,000,000 waiting", "none waiting", 1.25),
	report.AtMost("groups 1", "FIFO, 1 group, none waiting: time of a message", "standard", 1.6).Anywhere(10),
	report.AtMost("groups 1000", "FIFO, 1,000 groups, 1,000,000 waiting: time of a message", "standard", 4).Anywhere(40),
	report.AtMost("groups 1000000", "FIFO, 1,000,000 groups, 1,000,000 waiting: time of a message", "standard", 12).Anywhere(200),
	report.AtMost("receivers CPU", "processor time of a message, 1,000 receivers waiting", "1 receiver", 1.5).Anywhere(5),
	report.AtMost("receivers p50", "from a send until received, 1,000 receivers waiting, p50", "5 us", 1),
	report.AtMost("overhead", "memory of a waiting message beyond its body", "100 bytes", 1).Anywhere(1),
	report.AtMost("objects", "heap objects of a waiting message", "0.01: blocks that many share", 1).Anywhere(1),
	report.AtMost("collection 1000000", "full collection, 1,000,000 messages", "the greater of 1/10 of an object a message, and 10 ms", 1),
	report.AtMost("collection 10000000", "full collection, 10,000,000 messages", "the greater of 1/10 of an object a message, and 10 ms", 1),
	report.AtMost("send 1000000", "send while 1,000,000 messages are collected, p99.9", "5 us", 1),
	report.AtMost("send 10000000", "send while 10,000,000 messages are collected, p99.9", "5 us", 1),
	report.AtMost("calls", "SDK-shaped calls, 1 KB: time of a message", "MD5 of its body alone", 2).Anywhere(20),
	report.AtMost("calls allocations", "SDK-shaped calls: allocations of a message", "4", 1).Anywhere(1),
	report.AtLeast("codec read plain", "JSON read, nothing escaped, worst document, documents/s", "encoding/json", 10).Anywhere(3),
	report.AtLeast("codec read escaped", "JSON read, much escaped, worst document, documents/s", "encoding/json", 3).Anywhere(1),
	report.AtLeast("codec written plain", "JSON written, nothing escaped, documents/s", "encoding/json", 10).Anywhere(2),
	report.AtLeast("codec written escaped", "JSON written, much escaped, documents/s", "encoding/json", 3).Anywhere(0.5),
	report.AtMost("codec allocations plain", "JSON with nothing escaped: allocations of a document", "none", 0).Anywhere(0),
}
