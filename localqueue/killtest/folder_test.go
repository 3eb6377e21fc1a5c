package killtest_test

import (
	"fmt"
	"reflect"

	"github.com/quayside-go/quayside/localqueue"
)

// folder is the directory of a durable server, looked at between its lives.
type folder struct {
	dir      string
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
	a, b := comparable(verified), comparable(inspected)
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

// comparable is what two looks at the same folder have in common; delays and timeouts
// may end in between.
func comparable(i localqueue.Inspection) localqueue.Inspection {
	i.Took, i.Bytes = 0, 0
	for n := range i.Stats {
		s := &i.Stats[n]
		s.Visible, s.InFlight, s.Delayed, s.OldestMessage = s.Visible+s.InFlight+s.Delayed, 0, 0, 0
	}
	return i
}

// promised compares what a server says it found with what the last look found.
func (f *folder) promised(found localqueue.Recovery) error {
	if f.looked && (found.Queues != f.last.Queues || found.Messages != f.last.Messages || found.Cut != f.last.Cut) {
		return fmt.Errorf("it found %+v; before, there was %+v", found, f.last.Recovery)
	}
	return nil
}

func (f *folder) String() string {
	return fmt.Sprintf("at most %d segments with %d KiB, %d KiB of them needed then", f.segments, f.bytes>>10, f.live>>10)
}
