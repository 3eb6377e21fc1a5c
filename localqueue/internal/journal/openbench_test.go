package journal_test

import (
	"path/filepath"
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// BenchmarkOpen recovers half a gigabyte of 1 KB records by reading all of it, beside
// reading the same files without a look at them. What the system has in memory stays
// there: it measures the processor.
func BenchmarkOpen(b *testing.B) {
	d := mustDir(b, filepath.Join(b.TempDir(), "log"))
	l, _, _ := mustOpen(b, d, journal.Options{Sync: journal.Never})
	const records = 512 << 10
	body := random(1024)
	for range records {
		if _, _, err := l.Append(journal.Checked(body), journal.Written); err != nil {
			b.Fatal(err)
		}
	}
	mustClose(b, l)
	b.Run("open", func(b *testing.B) {
		b.SetBytes(records * 1024)
		for b.Loop() {
			n := 0
			l, _, err := journal.Open(d, journal.Options{}, func(journal.Pos, []byte) error {
				n++
				return nil
			})
			if err != nil || n != records {
				b.Fatalf("%d records, %v", n, err)
			}
			mustClose(b, l)
		}
	})
	b.Run("read", func(b *testing.B) {
		b.SetBytes(records * 1024)
		buf := make([]byte, 64<<20)
		for b.Loop() {
			for n := uint32(1); n <= records/(64<<10)+1; n++ {
				f, err := d.Open(name(n))
				if err != nil {
					b.Fatal(err)
				}
				if _, err := f.ReadAt(buf, 0); err != nil {
					b.Fatal(err)
				}
				f.Close()
			}
		}
	})
}
