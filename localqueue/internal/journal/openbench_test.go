package journal_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// BenchmarkOpen recovers half a gigabyte of 1 KB records by reading all of it, since
// their heads are too long for footers; beside it, interleaved, it reads the same files
// without a look at them. Cold it reads them from the disk; warm they are in memory,
// and it is the processor that is measured. It reports medians.
func BenchmarkOpen(b *testing.B) {
	const records = 512 << 10
	path := filepath.Join(b.TempDir(), "log")
	d, _ := written(b, path, records, random(1024), 1024)
	for _, cold := range []bool{true, false} {
		b.Run(map[bool]string{true: "cold", false: "warm"}[cold], func(b *testing.B) {
			if cold && !canForget {
				b.Skip("this system cannot be told to forget a file")
			}
			prepare := func() {
				if cold {
					forget(b, path)
				}
			}
			var open, read, ratio []float64
			for b.Loop() {
				prepare()
				start := time.Now()
				recovered(b, d, records)
				took := time.Since(start)
				prepare()
				start = time.Now()
				bytes := readAll(b, d)
				yardstick := time.Since(start)
				open = append(open, bytes/1e6/took.Seconds())
				read = append(read, bytes/1e6/yardstick.Seconds())
				ratio = append(ratio, yardstick.Seconds()/took.Seconds())
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(median(open), "open-MB/s")
			b.ReportMetric(median(read), "read-MB/s")
			b.ReportMetric(median(ratio), "open/read")
		})
	}
}

// readAll reads the segments that recovery has to read, and returns their bytes.
func readAll(b *testing.B, d *journal.Directory) (bytes float64) {
	names, err := d.List()
	if err != nil {
		b.Fatal(err)
	}
	buf := make([]byte, 1<<20)
	for _, n := range names {
		if filepath.Ext(n) != ".log" {
			continue
		}
		f, err := d.Open(n)
		if err != nil {
			b.Fatal(err)
		}
		for at := int64(0); ; {
			n, err := f.ReadAt(buf, at)
			at += int64(n)
			if err != nil {
				bytes += float64(at)
				break
			}
		}
		f.Close()
	}
	return bytes
}

// BenchmarkOpenByFooters recovers a million records with heads of 20 bytes.
func BenchmarkOpenByFooters(b *testing.B) {
	const records = 1e6
	d, segments := written(b, filepath.Join(b.TempDir(), "log"), records, random(300), 20)
	b.ReportAllocs()
	for b.Loop() {
		recovered(b, d, records)
	}
	b.ReportMetric(float64(segments), "segments")
}

// written is a log of equal records.
func written(b *testing.B, path string, records int, body []byte, head int) (d *journal.Directory, segments uint32) {
	d = mustDir(b, path)
	l, _, _ := mustOpen(b, d, journal.Options{Sync: journal.Never})
	for range records {
		room, err := l.Admit(int64(len(body)), journal.Ordinary)
		if err != nil {
			b.Fatal(err)
		}
		p, _, err := l.Append(journal.Checked(body, head), journal.Written)
		room.Release()
		if err != nil {
			b.Fatal(err)
		}
		segments = p.Segment
	}
	mustClose(b, l)
	return d, segments
}

func recovered(b *testing.B, d journal.Dir, records int) {
	n := 0
	l, _, err := journal.Open(d, journal.Options{}, func(journal.Entry) error {
		n++
		return nil
	})
	if err != nil || n != records {
		b.Fatalf("%d records, %v", n, err)
	}
	mustClose(b, l)
}
