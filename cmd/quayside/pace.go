package main

import (
	"os"
	"runtime"
	"runtime/debug"
	runtimemetrics "runtime/metrics"
)

// allowance is how much garbage may gather between two collections. Messages are
// memory without pointers, which costs a collection next to nothing, so the pace
// need not follow their number: by proportion, the collector is busy while the
// server is empty and takes twice the messages' memory when it is full. More is
// not better either: what requests allocate should find memory that is still in the
// processor's caches.
const allowance = 32 << 20

// paceCollector sets the pace of the garbage collector anew after each collection,
// on the runtime's own goroutine for cleanups. GOGC in the environment has
// precedence.
func paceCollector() {
	if os.Getenv("GOGC") == "" {
		pace(0)
	}
}

// pace is called again when what it leaves behind is collected. before is the
// percentage in force.
func pace(before int) {
	live := [1]runtimemetrics.Sample{{Name: "/gc/heap/live:bytes"}}
	runtimemetrics.Read(live[:])
	now := percent(live[0].Value.Uint64())
	if now != before {
		debug.SetGCPercent(now) // stops the world for some microseconds
	}
	runtime.AddCleanup(new(*int), pace, now)
}

// percent is GOGC for a heap of that many live bytes. Its steps are coarse, so
// that it seldom changes.
func percent(live uint64) int {
	p := 800
	for p > 1 && live*uint64(p) > 100*allowance {
		p /= 2
	}
	return p
}
