package killtest_test

import (
	"path/filepath"
	"testing"
	"time"
)

// ofFolder is how many kills one folder lives through, and emptiedAfter how many there
// are until all queues are emptied.
const (
	ofFolder     = 100
	emptiedAfter = 6
)

// TestKill kills the server -kills times.
func TestKill(t *testing.T) {
	t.Parallel()
	n := *kills
	if testing.Short() {
		n = min(n, emptiedAfter)
	}
	t.Logf("%d kills; the choices are those of -seed %d", n, *seed)
	for i := uint64(0); n > 0 && !t.Failed(); i++ {
		killFolder(t, i, min(n, ofFolder))
		n -= ofFolder
	}
}

// killFolder kills the servers of one folder n times.
func killFolder(t *testing.T, number uint64, n int) {
	f := &folder{dir: filepath.Join(t.TempDir(), "log"), number: number}
	r := newRun(t, number, &processes{}, f,
		standard(), fifo(), redrive(""), redrive(".fifo"), archive(), configuration(), passing())
	r.rounds(n, emptiedAfter)
	r.report()
	t.Logf("folder %d: %d lives, %d messages sent, %d self-checks, %v; %v",
		number, len(r.book.lives), r.book.tokens, r.checked, r.book.now().Round(100*time.Millisecond), f)
	if lives := len(r.book.lives); !t.Failed() && r.checked < lives {
		t.Errorf("only %d self-checks in %d lives", r.checked, lives)
	}
	if t.Failed() && len(f.kept) > 0 {
		t.Logf("the folder, as the lives around the first fault found it, is in %q", f.kept)
	}
}
