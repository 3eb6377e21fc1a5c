package main

import "math"

// target is a bound that a ratio has to keep.
type target struct {
	key, name, yardstick string
	least                bool // the ratio has to be at least bound; else at most
	bound                float64
}

// targets are all that this program can judge, in the order they are written.
var targets = []target{
	{"raw put 1 1", "put, 1 caller", "raw", true, 0.85},
	{"raw put 64 1", "put, 64 callers", "raw", true, 15},
	{"raw put 256 1", "put, 256 callers", "raw", true, 40},
	{"pebble put 256 1", "put, 256 callers", "pebble", true, 2},
	{"pebble-group put 256 1", "put, 256 callers", "pebble-group", true, 2},
	{"pebble put 64 10", "put 10, 64 callers", "pebble", true, 2.5},
	{"pebble-group put 64 10", "put 10, 64 callers", "pebble-group", true, 2.5},
	{"pebble steady", "constant depth", "pebble", true, 2.5},
	{"pebble-group steady", "constant depth", "pebble-group", true, 2.5},
	{"written 64 1", "written for a message put, 64 callers", "its body", false, 1.2},
	{"written 256 1", "written for a message put, 256 callers", "its body", false, 1.2},
	{"written steady", "written for a message, constant depth", "its body", false, 1.2},
	{"disk", "disk at a constant depth", "twice the bodies and 4 segments", false, 1},
	{"empty", "segments when empty, after a constant depth", "segments", false, 1},
	{"empty backlog", "segments when empty, after a backlog", "segments", false, 1},
	{"open", "opened after a crash", "sequential read", true, 0.8},
	{"index", "heap of a waiting message", "bound", false, 1},
	{"resident", "resident for a waiting message", "bound", false, 1},
	{"http 1", "HTTP cycle", "in memory", true, 0.5},
	{"http 10", "HTTP cycle of 10", "in memory", true, 0.5},
	{"soak disk", "soak, disk in the last quarter", "in the second, and a segment", false, flat},
	{"soak memory", "soak, resident in the last quarter", "in the second", false, flat},
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
	t := r.table("Targets", "what", "figure", "yardstick", "its figure", "ratio", "target", "met")
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
