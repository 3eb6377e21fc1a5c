package main

import "github.com/quayside-go/quayside/benchmarks/internal/report"

// targets are all that this program can judge, in the order they are written. Ratios of throughput and
// of processor time are those with 16 connections.
var targets = []report.Target{
	report.AtLeast("send", "send, throughput", "ceiling", 0.95),
	report.AtLeast("batch", "send 10 in a batch, throughput", "ceiling", 1),
	report.AtLeast("cycle", "batch cycle, throughput", "ceiling", 0.8),
	report.AtLeast("drain", "drain of the deepest queue, rate", "of 1,000", 0.85),
	report.AtMost("drain CPU", "drain of the deepest queue, server CPU", "of 1,000", 1.15).Anywhere(2),
	report.AtMost("wake", "long poll woken, p99", "round trip, p99", 2),
	report.AtMost("start", "start to first answer", "fixed", 2),
	report.AtMost("memory", "resident with 100,000 messages of 1 KB", "160 MB", 1),
	report.AtMost("send CPU", "send, server CPU", "fixed", 1.25),
	report.AtMost("parked memory", "resident per parked poll", "30 KB", 1).Anywhere(1),
	report.AtMost("parked CPU", "CPU while 10,000 polls are parked", "1 % of a core", 1),
	report.AtMost("goaws send CPU", "send, server CPU", "goaws", 0.75),
	report.AtLeast("goaws cycle 0", "batch cycle, none waiting", "goaws", 2),
	report.AtLeast("goaws cycle 10000", "batch cycle, 10,000 waiting", "goaws", 5),
	report.AtLeast("goaws cycle 100000", "batch cycle, 100,000 waiting", "goaws", 25).Anywhere(5),
	report.AtLeast("elasticmq cycle", "batch cycle, throughput", "elasticmq", 5),
}
