package journal_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

// TestAllocation: segments are allocated where that can be done, and, but where they are
// used up fast, written from end to end. The log is the same.
func TestAllocation(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pause time.Duration // between records
		plain bool
		want  bool
	}{
		"fast":             {0, false, true},
		"quiet":            {time.Hour, false, false},
		"not by this disk": {0, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d, h := disk(), newHistory()
				if c.plain {
					d.Plain()
				}
				made := map[string]map[journaltest.Op]int{}
				d.Before(func(_ int, op journaltest.Op, name string) error {
					if strings.HasSuffix(name, ".new") {
						if made[name] == nil {
							made[name] = map[journaltest.Op]int{}
						}
						made[name][op]++
					}
					return nil
				})
				l, _, _ := mustOpen(t, d, small)
				for range 100 {
					if err := h.step(l, 1, journal.Synced); err != nil {
						t.Fatal(err)
					}
					synctest.Wait() // the filler has done its work
					time.Sleep(c.pause)
				}
				d.Before(nil)
				mustClose(t, l)
				for name, ops := range made {
					if strings.HasPrefix(name, "manifest") {
						continue
					}
					zeroed := !c.want || name < "00000007" // made before it was known how fast they are used up
					if c.plain == (ops[journaltest.Allocate] > 0) || c.plain != (ops[journaltest.Truncate] > 0) || zeroed != (ops[journaltest.Write] > 1) {
						t.Errorf("%s: %v", name, ops)
					}
				}
				if len(made) < 8 {
					t.Fatalf("only %d segments were made", len(made))
				}
				l, got, _ := mustOpen(t, d, small)
				defer mustClose(t, l)
				if err := h.check(got); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestAllocate: the real one gives room that reads as zeros.
func TestAllocate(t *testing.T) {
	t.Parallel()
	f, err := mustDir(t, filepath.Join(t.TempDir(), "log")).Create("file")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	err = f.Allocate(1 << 20)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skipf("not on %s, or not on this file system: %v", runtime.GOOS, err)
	}
	b := bytes.Repeat([]byte{1}, 1<<20)
	size, sized := f.Size()
	n, read := f.ReadAt(b, 0)
	if err != nil || sized != nil || read != nil || size != 1<<20 || n != len(b) || bytes.ContainsFunc(b, func(r rune) bool { return r != 0 }) {
		t.Errorf("%d of %d bytes; %v, %v, %v", n, size, err, sized, read)
	}
}
