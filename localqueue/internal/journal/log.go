package journal

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Log is an open log. Its methods may be called from several goroutines at once.
type Log struct {
	dir  Dir
	opts Options

	mu       sync.Mutex
	err      error               // fail-stop: what ended the log
	closing  bool                // Close was called
	stalled  bool                // the last write met a full disk
	full     bool                // no segment could be made for lack of room
	wanting  error               // what Admit says then
	segments map[uint32]*segment // all that can be read, those that stand ready included
	current  *segment            // written to; nil: none yet
	ready    []*segment          // to be written next, in order of number
	largest  int64               // size of the largest segment that can be read
	dead     []*segment          // dropped, still under their names
	buried   *notice             // of them
	pending  []*group            // to be written, in order; the last may be open
	unsynced batch               // written
	syncing  batch               // the sync that is in flight is for it
	writer   *committer          // nil: nobody is writing
	syncer   *committer          // nil: nobody is syncing
	tail     uint32              // where in current the next group begins
	first    uint64              // sequence number of current's first group
	footer   footer              // of current
	next     uint64              // sequence number of the next group
	synced   uint64              // of the last group known to be on the disk
	marked   bool                // the last group is empty: it only says that all before it is on the disk
	clean    bool                // Open found a new log, or what Close left
	wanted   int                 // segments that should stand ready, if more than usual
	turned   time.Time           // when a segment was last used up
	fast     bool                // they are used up fast
	buffers  [][]byte

	safe     atomic.Uint64          // up to this mark records are as safe as Synced asks
	promised atomic.Int64           // bytes that Rooms hold, at the most
	queued   atomic.Int64           // those who wait for room
	allowed  [purposes]atomic.Int64 // bytes that may be promised

	room    sync.Cond     // of mu: there may be room, or the state changed
	commits chan struct{} // wakes a committer
	fills   chan struct{} // wakes the filler
	over    chan struct{} // closed when the log is closed or fails

	// The filler's own.
	register  register      // the manifest
	log       uint64        // id of the log
	number    uint32        // of the next segment to be made
	newborn   *segment      // has its name, and is not ready yet
	pause     time.Duration // before the next try on a full disk
	spares    []string      // files that may be written again
	moved     []string      // will be among them when the directory is synced
	leaving   []uint32      // segments that have lost their names, of which the disk may not know yet
	droppers  []*notice     // answered then
	unsettled bool          // the directory needs a sync

	running sync.WaitGroup
	once    sync.Once
}

// Open reads the log in dir, which may be empty, hands each record of each whole
// group to replay in the order they were appended in, and goes on behind the last.
// An error of replay or of Options.Replayed ends Open, as does damage (*DamageError);
// nothing is changed in dir then. What a crash left unfinished at the end is cut off and reported.
//
// The log must be closed; dir is the caller's to close, afterwards.
func Open(dir Dir, opts Options, replay func(Entry) error) (*Log, Report, error) {
	l, report, err := open(dir, opts, replay)
	if err != nil {
		return nil, report, fmt.Errorf("open journal: %w", noted(err))
	}
	l.measure()
	l.running.Add(3)
	go l.commit()
	go l.commit()
	go l.fill()
	return l, report, nil
}

// Sync brings everything appended so far to the disk, whatever the policy. It
// returns ErrFull if there was no room.
func (l *Log) Sync() error {
	l.mu.Lock()
	if err := l.ended(); err != nil {
		l.mu.Unlock()
		return err
	}
	var n *notice
	if g := l.newest(); g != nil {
		n = ask(&g.synced)
		l.stir()
	}
	l.mu.Unlock()
	return l.Wait(Ticket{n})
}

// ended is why nothing can be appended any more. The caller holds the lock.
func (l *Log) ended() error {
	if l.err != nil {
		return l.err
	}
	if l.closing {
		return ErrClosed
	}
	return nil
}

// fail ends the log: what a failed write or sync left on the disk is not known,
// and a second try would claim to know. Who waits for a sync that is in flight is told
// by the syncer.
func (l *Log) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.err = fmt.Errorf("the journal has stopped, because its state on the disk is uncertain; restart to recover it: %w", err)
	}
	tell(l.pending, l.err)
	for _, n := range l.unsynced.answer() {
		n.give(l.err)
	}
	l.stop()
}

// stop lets everybody see that the log is closed or has failed. The caller holds the
// lock.
func (l *Log) stop() {
	select {
	case <-l.over:
	default:
		close(l.over)
	}
	l.recount()
	l.room.Broadcast()
	wake(l.fills)
}

// failure is the error that ended the log, nil while it goes on.
func (l *Log) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// wake lets whoever waits at c look again; c has room for one wake-up.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
