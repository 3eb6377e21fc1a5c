package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

const (
	bodySize = 100 // bytes of a message, which benchmarks of the engine have, too
	patience = time.Minute
)

// numberAndTime are the arguments of a child: of how many, and for how long.
func numberAndTime(args []string) (int, time.Duration, error) {
	if len(args) != 2 {
		return 0, 0, fmt.Errorf("%d arguments, want a number and a time", len(args))
	}
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return 0, 0, err
	}
	long, err := time.ParseDuration(args[1])
	if err != nil {
		return 0, 0, err
	}
	if n < 1 || long <= 0 {
		return 0, 0, fmt.Errorf("%d for %v: both have to be more than 0", n, long)
	}
	return n, long, nil
}

// value is a figure of a benchmark.
type value struct {
	unit string
	v    float64
}

// writeResult writes what a child found as Go's benchmarks do.
func writeResult(out io.Writer, name string, times int, values ...value) error {
	var line strings.Builder
	fmt.Fprintf(&line, "Benchmark%s\t%d", name, times)
	for _, x := range values {
		fmt.Fprintf(&line, "\t%g %s", x.v, x.unit)
	}
	_, err := fmt.Fprintln(out, line.String())
	return err
}
