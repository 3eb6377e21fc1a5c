package journal_test

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// filling is a directory that looks at how files are zeroed before they are segments.
type filling struct {
	journal.Dir
	mu                          sync.Mutex
	largest, unsynced, together int   // bytes of a write, since the last sync, and between two syncs at most
	ends                        []int // of what was written to each file
}

func (d *filling) Create(name string) (journal.File, error) {
	f, err := d.Dir.Create(name)
	if err != nil || !strings.HasSuffix(name, ".new") || strings.HasPrefix(name, "manifest") {
		return f, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ends, d.unsynced = append(d.ends, 0), 0
	return &filled{f, d}, nil
}

type filled struct {
	journal.File
	d *filling
}

func (f *filled) WriteAt(b []byte, at int64) (int, error) {
	d := f.d
	d.mu.Lock()
	defer d.mu.Unlock()
	d.largest, d.unsynced = max(d.largest, len(b)), d.unsynced+len(b)
	d.together = max(d.together, d.unsynced)
	if last := len(d.ends) - 1; int(at) == d.ends[last] { // from end to end
		d.ends[last] += len(b)
	}
	return f.File.WriteAt(b, at)
}

func (f *filled) Sync() error {
	f.d.mu.Lock()
	f.d.unsynced = 0
	f.d.mu.Unlock()
	return f.File.Sync()
}

// TestZeroing: a segment is zeroed to its end, by writes that leave no large pages in the
// cache, and by syncs for which groups do not wait long.
func TestZeroing(t *testing.T) {
	t.Parallel()
	const size = 9<<20 + 512
	d := &filling{Dir: mustDir(t, filepath.Join(t.TempDir(), "log"))}
	l, _, _ := mustOpen(t, d, journal.Options{SegmentSize: size})
	if _, ticket, err := add(l, random(1024), journal.Synced); err != nil || l.Wait(ticket) != nil {
		t.Fatal("nothing can be appended: ", err)
	}
	mustClose(t, l)
	if len(d.ends) == 0 {
		t.Fatal("no segment was made")
	}
	for i, end := range d.ends {
		if end != size {
			t.Errorf("file %d is zeroed up to %d, want %d", i, end, size)
		}
	}
	if d.largest > 256<<10 || d.together > 4<<20 || d.unsynced > 0 {
		t.Errorf("writes of up to %d bytes, %d bytes between syncs, %d bytes are not synced", d.largest, d.together, d.unsynced)
	}
}
