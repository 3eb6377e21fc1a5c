package main

import "math"

// target is a bound that a ratio has to keep.
type target struct {
	key, name, yardstick string
	least                bool // the ratio has to be at least bound; else at most
	bound                float64
}

// targets are all that this program can judge, in the order they are written. Ratios of throughput and
// of processor time are those with 16 connections.
var targets = []target{
	{"send", "send, throughput", "ceiling", true, 0.95},
	{"batch", "send 10 in a batch, throughput", "ceiling", true, 1},
	{"cycle", "batch cycle, throughput", "ceiling", true, 0.8},
	{"drain", "drain of 1,000,000 waiting, rate", "of 1,000", true, 0.85},
	{"wake", "long poll woken, p99", "round trip, p99", false, 2},
	{"start", "start to first answer", "fixed", false, 2},
	{"memory", "resident with 100,000 messages of 1 KB", "160 MB", false, 1},
	{"send CPU", "send, server CPU", "fixed", false, 1.25},
	{"parked memory", "resident per parked poll", "30 KB", false, 1},
	{"parked CPU", "CPU while 10,000 polls are parked", "1 % of a core", false, 1},
	{"goaws send CPU", "send, server CPU", "goaws", false, 0.75},
	{"goaws cycle 0", "batch cycle, none waiting", "goaws", true, 2},
	{"goaws cycle 10000", "batch cycle, 10,000 waiting", "goaws", true, 5},
	{"goaws cycle 100000", "batch cycle, 100,000 waiting", "goaws", true, 25},
	{"elasticmq cycle", "batch cycle, throughput", "elasticmq", true, 5},
}

// met tells whether a ratio keeps the bound.
func (t target) met(ratio float64) bool {
	if t.least {
		return ratio >= t.bound
	}
	return ratio <= t.bound
}

// bounded is the bound as it is written.
func (t target) bounded() string {
	if t.least {
		return ">= " + ratio(t.bound)
	}
	return "<= " + ratio(t.bound)
}

// verdicts writes every target beside what was reached.
func (r *report) verdicts() {
	t := r.table("Targets")
	t.row("what", "figure", "yardstick", "its figure", "ratio", "target", "met")
	for _, x := range targets {
		got, ok := r.reached[x.key]
		if !ok || math.IsNaN(got.ratio) {
			t.row(x.name, "-", x.yardstick, "-", "-", x.bounded(), "not measured")
			continue
		}
		verdict := "NO"
		if x.met(got.ratio) {
			verdict = "yes"
		}
		t.row(x.name, got.figure, x.yardstick, got.yardstick, ratio(got.ratio), x.bounded(), verdict)
	}
	r.flush()
}
