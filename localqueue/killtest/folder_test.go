package killtest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/quayside-go/quayside/localqueue"
)

// folder is the directory of a durable server, looked at between its lives.
type folder struct {
	dir      string
	number   uint64
	kept     []string // copies
	looked   bool
	last     localqueue.Inspection
	segments int   // the most there were
	bytes    int64 // in them
	live     int64 // of these, then
}

// look reads the folder, which no server has: it has to be sound, and to look the same
// however it is read. closed: the last server was closed.
func (f *folder) look(closed bool) error {
	verified, err := localqueue.Verify(f.dir)
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	if verified.Damage != nil {
		return fmt.Errorf("verify: %w", verified.Damage)
	}
	if closed && verified.Cut != "" {
		return fmt.Errorf("verify: the log is cut off, though the server was closed: %s", verified.Cut)
	}
	inspected, err := localqueue.Inspect(f.dir)
	if err != nil {
		return fmt.Errorf("inspect: %w", err)
	}
	a, b := lasting(verified), lasting(inspected)
	if verified.Messages != inspected.Messages { // some expired in between
		for n := range min(len(a.Segments), len(b.Segments)) {
			a.Segments[n].Live, b.Segments[n].Live = 0, 0
		}
	}
	if !reflect.DeepEqual(a, b) {
		return fmt.Errorf("inspected: %+v\nverified: %+v", b, a)
	}
	f.looked, f.last = true, verified
	var bytes, live int64
	for _, s := range verified.Segments {
		bytes, live = bytes+s.Bytes, live+s.Live
	}
	if bytes > f.bytes {
		f.segments, f.bytes, f.live = len(verified.Segments), bytes, live
	}
	return nil
}

// lasting is what two looks at the same folder agree on; messages may expire in between,
// and delays and timeouts may end.
func lasting(i localqueue.Inspection) localqueue.Inspection {
	i.Took, i.Bytes = 0, 0
	i.Segments = slices.Clone(i.Segments)
	stats := i.Stats
	i.Stats = nil
	for _, s := range stats {
		s.Visible, s.InFlight, s.Delayed, s.OldestMessage = s.Visible+s.InFlight+s.Delayed, 0, 0, 0
		if s.Name == expiring {
			i.Messages -= s.Visible
		} else {
			i.Stats = append(i.Stats, s)
		}
	}
	return i
}

// promised compares what a server says it found with what the last look found.
func (f *folder) promised(found localqueue.Recovery) error {
	if !f.looked {
		return nil
	}
	gone := f.last.Messages - found.Messages
	if found.Queues != f.last.Queues || gone < 0 || gone > f.expirable() || found.Cut != f.last.Cut {
		return fmt.Errorf("it found %+v; before, there was %+v, of which %d messages may have expired", found, f.last.Recovery, f.expirable())
	}
	return nil
}

// expirable is how many messages may have gone since the last look.
func (f *folder) expirable() int { return f.last.Messages - lasting(f.last).Messages }

// keep copies the folder as the next life of the server, life n, will find it. Older
// copies go.
func (f *folder) keep(to string, n int) error {
	copied := filepath.Join(to, fmt.Sprintf("folder-%d-before-life-%d", f.number, n))
	if err := os.RemoveAll(copied); err != nil {
		return err
	}
	if err := os.CopyFS(copied, os.DirFS(f.dir)); err != nil {
		return err
	}
	f.kept = append(f.kept, copied)
	if len(f.kept) <= 3 {
		return nil
	}
	oldest := f.kept[0]
	f.kept = f.kept[1:]
	return os.RemoveAll(oldest)
}

func (f *folder) String() string {
	return fmt.Sprintf("at most %d segments with %d KiB, %d KiB of them needed then", f.segments, f.bytes>>10, f.live>>10)
}
