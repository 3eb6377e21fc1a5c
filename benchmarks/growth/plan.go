package main

import (
	"context"
	"errors"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/program"
	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

// bench is one run.
type bench struct {
	ctx       context.Context
	plan      plan
	report    *report.Report
	progress  func(format string, args ...any) // says on standard error what is measured now
	binaries  binaries
	run       func(ctx context.Context, dir, program string, args ...string) (out []byte, err error)
	available func() (bytes int64, known bool) // memory of the machine
}

// plan says how much is measured.
type plan struct {
	rounds    int
	time      time.Duration // of a benchmark in a round
	deep      int           // messages that make a queue deep for the naive engine too; 0: it has an empty one only
	depths    []int         // messages that wait
	collected []int         // messages that the collector meets
	groups    []int
	queues    []int
	receivers []int
	footprint bool // whether memory of what is not a plain message is measured
}

var (
	thorough = plan{
		rounds: 5, time: 200 * time.Millisecond, deep: million, depths: []int{0, 1000, 100_000, million, deepest},
		collected: []int{million, deepest}, groups: []int{1, 10, 100, 1000, 10_000, 100_000, million},
		queues: []int{1, 100, 10_000, most}, receivers: []int{1, 10, 100, 1000, 10_000}, footprint: true,
	}
	quick = plan{
		rounds: 3, time: 100 * time.Millisecond, deep: million, depths: []int{0, 1000, 100_000, million},
		collected: []int{million}, groups: []int{1, 1000, million},
		queues: []int{1, 1000}, receivers: []int{1, 1000},
	}
)

// What does not change with the plan. Benchmarks of the engine have names with these numbers.
const (
	million = 1_000_000
	deepest = 10_000_000
	most    = 100_000 // queues
	parked  = 1000    // receivers, in what is judged
	spent   = 3e9     // bytes that the deepest takes
	widest  = 2e9     // and most queues
)

// measures are all, in the order they are made.
var measures = []program.Measure[*bench]{
	{Name: "cycle", What: "a message's whole life, beside a copy and two locks, and beside a naive engine", Run: (*bench).cycle},
	{Name: "depth", What: "each step, by how many messages wait", Run: (*bench).depth},
	{Name: "groups", What: "FIFO beside standard, by message groups", Run: (*bench).groups},
	{Name: "queues", What: "time and memory, by queues", Run: (*bench).queues},
	{Name: "receivers", What: "messages sent to receivers that wait, by how many there are", Run: (*bench).receivers},
	{Name: "collection", What: "garbage collection, beside an object a message", Run: (*bench).collection},
	{Name: "calls", What: "calls in the shape of the SDK, beside MD5 of their bodies", Run: (*bench).calls},
	{Name: "codec", What: "JSON read and written, beside encoding/json", Run: (*bench).codec},
	{Name: "memory", What: "memory of messages, groups and deduplication ids", Run: (*bench).memory},
}

// errQuick is why something is not measured.
var errQuick = errors.New("it takes too long for -quick")
