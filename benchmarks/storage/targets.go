package main

import "github.com/quayside-go/quayside/benchmarks/internal/report"

// targets are all that this program can judge, in the order they are written.
var targets = []report.Target{
	report.AtLeast("raw put 1 1", "put, 1 caller", "raw", 0.85),
	report.AtLeast("raw put 64 1", "put, 64 callers", "raw", 15),
	report.AtLeast("raw put 256 1", "put, 256 callers", "raw", 40),
	report.AtLeast("pebble put 256 1", "put, 256 callers", "pebble", 2),
	report.AtLeast("pebble-group put 256 1", "put, 256 callers", "pebble-group", 2),
	report.AtLeast("pebble put 64 10", "put 10, 64 callers", "pebble", 2.5),
	report.AtLeast("pebble-group put 64 10", "put 10, 64 callers", "pebble-group", 2.5),
	report.AtLeast("pebble steady", "constant depth", "pebble", 2.5),
	report.AtLeast("pebble-group steady", "constant depth", "pebble-group", 2.5),
	report.AtMost("written 64 1", "written for a message put, 64 callers", "its body", 1.2),
	report.AtMost("written 256 1", "written for a message put, 256 callers", "its body", 1.2),
	report.AtMost("written steady", "written for a message, constant depth", "its body", 1.2),
	report.AtMost("disk", "disk at a constant depth", "twice the bodies and 4 segments", 1),
	report.AtMost("empty", "segments when empty, after a constant depth", "segments", 1),
	report.AtMost("empty backlog", "segments when empty, after a backlog", "segments", 1),
	report.AtLeast("open", "opened after a crash", "sequential read", 0.8),
	report.AtMost("index", "heap of a waiting message", "bound", 1).Anywhere(1),
	report.AtMost("resident", "resident for a waiting message", "bound", 1),
	report.AtLeast("http 1", "HTTP cycle", "in memory", 0.5),
	report.AtLeast("http 10", "HTTP cycle of 10", "in memory", 0.5),
	report.AtLeast("tcp "+natsName, "put, 64 callers, in process", "NATS, sync always, over TCP", 10),
	report.AtLeast("tcp "+redisName, "put, 64 callers, in process", "Redis, appendfsync always, over TCP", 1.8),
	report.AtMost("soak disk", "soak, disk in the last quarter", "in the second, and a segment", flat),
	report.AtMost("soak memory", "soak, resident in the last quarter", "in the second", flat),
}
