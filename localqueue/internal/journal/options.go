package journal

import (
	"fmt"
	"time"
)

// SyncPolicy says when what was written is brought to the disk: Always, Never, or
// an Interval.
type SyncPolicy time.Duration

const (
	// Always syncs each group that has a record of mode Synced before Wait answers
	// for it, and groups without one within 100 ms, or with the next that is synced.
	Always SyncPolicy = 0
	// Never leaves it to the operating system, but for Log.Sync, Drop and Close.
	Never SyncPolicy = -1
)

// Interval syncs what was written at most d ago, d > 0; Wait waits for no sync.
func Interval(d time.Duration) SyncPolicy { return SyncPolicy(d) }

// within is how long what nobody waits for may stay unsynced; 0: for ever.
func (p SyncPolicy) within() time.Duration {
	switch p {
	case Always:
		return rideWithin
	case Never:
		return 0
	}
	return time.Duration(p)
}

const (
	// rideWithin bounds how long a written record waits for a sync under Always.
	rideWithin = 100 * time.Millisecond
	// retryAfter is how long a log whose disk was full waits before it looks again.
	retryAfter = 250 * time.Millisecond

	// fastRate is how many bytes a second must be appended for zero-filling to cost more
	// than it saves.
	fastRate = 32 << 20

	minSegment = 1 << 10
	maxSegment = 1 << 30
)

// Options of a log. The zero value is good.
type Options struct {
	// SegmentSize in bytes, 1 KiB to 1 GiB; 0: 64 MiB. A log may be opened with
	// another size than before; older segments keep theirs.
	SegmentSize int64
	// Sync is the policy; the zero value is Always.
	Sync SyncPolicy
	// Spares is how many dropped segments are kept to be written again; more are
	// removed. 0: 1; negative: none.
	Spares int
	// Replayed, if not nil, is asked when all was replayed and nothing was changed yet. Its
	// error ends Open.
	Replayed func() error
	// Sealed, if not nil, is told of each segment that was sealed, when all of it is
	// written. It is called by the goroutine that writes: it must not wait for anything,
	// so neither for the log.
	Sealed func(number uint32)
	// Full, if not nil, is told when no segment can be made for lack of room, again and
	// again as long as that is so. It is called by the goroutine that makes segments, and
	// must not wait for anything, either.
	Full func()
}

func (o Options) filled() (Options, error) {
	if o.SegmentSize == 0 {
		o.SegmentSize = 64 << 20
	}
	if o.SegmentSize < minSegment || o.SegmentSize > maxSegment {
		return o, fmt.Errorf("a segment of %d bytes: it must have between %d and %d", o.SegmentSize, minSegment, maxSegment)
	}
	if o.Sync < Never {
		return o, fmt.Errorf("sync interval %v: it must be longer than 0", time.Duration(o.Sync))
	}
	if o.Spares == 0 {
		o.Spares = 1
	}
	o.Spares = max(o.Spares, 0)
	return o, nil
}
