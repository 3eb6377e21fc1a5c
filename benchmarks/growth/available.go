package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

// room is an error if what takes so many bytes does not fit into memory. Where the system does not tell, it
// is taken to fit.
func (b *bench) room(bytes float64) error {
	have, known := b.available()
	if known && float64(have) < bytes {
		return fmt.Errorf("it takes %s of memory, and %s are available", report.Megabytes(bytes), report.Megabytes(float64(have)))
	}
	return nil
}

// fitting are those of numbers that fit, where limit is too many if there is not so much room. Those left
// out are said to be skipped.
func (b *bench) fitting(numbers []int, what string, limit int, bytes float64) []int {
	var fit []int
	for _, n := range numbers {
		if n >= limit {
			if err := b.room(bytes); err != nil {
				b.report.Skip(fmt.Sprintf("%d %s", n, what), err)
				continue
			}
		}
		fit = append(fit, n)
	}
	return fit
}

// availableMemory is what processes can still get, as Linux tells.
func availableMemory() (int64, bool) {
	info, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, false
	}
	return readAvailable(info)
}

// readAvailable finds "MemAvailable:    1234 kB".
func readAvailable(info []byte) (int64, bool) {
	for line := range bytes.Lines(info) {
		f := bytes.Fields(line)
		if len(f) == 3 && string(f[0]) == "MemAvailable:" && string(f[2]) == "kB" {
			n, err := strconv.ParseInt(string(f[1]), 10, 64)
			return n << 10, err == nil
		}
	}
	return 0, false
}
