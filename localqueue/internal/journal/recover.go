package journal

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// Report says what Open found.
type Report struct {
	Segments []SegmentInfo // those with whole groups in them
	Groups   uint64        // whole ones
	Records  uint64
	Bytes    int64        // of the bodies of records
	Cut      *Cut         // nil: the log ended as it should
	Damage   *DamageError // the first; nil: none was found. What was replayed stood before it
}

// Cut is an unfinished tail that was given up: what had been written when a crash
// came, but not brought to the disk.
type Cut struct {
	File    string
	Pos     Pos    // where the log ends now
	Records uint64 // sound ones of the group that is not whole
	Groups  uint64 // whole ones beyond it
	Reason  string // what was found at the end of the sound part
}

func (c *Cut) String() string {
	return fmt.Sprintf("%s: cut at byte %d: %s; given up: %d records of an unfinished group, %d later groups",
		c.File, c.Pos.Offset, c.Reason, c.Records, c.Groups)
}

// open is Open without the goroutines.
func open(dir Dir, opts Options, replay func(Entry) error) (*Log, Report, error) {
	var report Report
	opts, err := opts.filled()
	if err != nil {
		return nil, report, err
	}
	l := newLog(dir, opts)
	r := &recovery{l: l, report: &report, replay: replay, marked: true}
	if err := r.everything(); err != nil {
		l.closeFiles()
		return nil, report, err
	}
	return l, report, nil
}

func newLog(dir Dir, opts Options) *Log {
	l := &Log{
		dir: dir, opts: opts, segments: map[uint32]*segment{}, next: 1, number: 1, register: register{dir: dir},
		commits: make(chan struct{}, 1), fills: make(chan struct{}, 1), over: make(chan struct{}),
	}
	l.room = sync.Cond{L: &l.mu}
	return l
}

func (r *recovery) everything() error {
	names, err := r.l.dir.List()
	if err != nil {
		return fmt.Errorf("list the directory: %w", err)
	}
	list, err := r.survey(names)
	if err != nil {
		return err
	}
	at, i, err := r.run(list)
	if err != nil {
		return err
	}
	if whole := r.l.opts.Replayed; whole != nil {
		if err := whole(); err != nil {
			return err
		}
	}
	r.l.clean = r.clean()
	if err := r.l.register.confirm(); err != nil {
		return err
	}
	if err := r.l.syncNames(); err != nil { // what is seen under a name may not be on the disk under it yet
		return err
	}
	if err := r.settle(i, at); err != nil {
		return err
	}
	if err := r.enlist(); err != nil {
		return err
	}
	return r.tidy(names)
}

// clean reports whether nothing was appended that is not there.
func (r *recovery) clean() bool {
	g := &r.l.register
	return g.fresh || g.closed && r.report.Cut == nil && r.seq == r.known
}

// numbers are those of the files with this suffix, in order.
func numbers(names []string, suffix string) []uint32 {
	var out []uint32
	for _, name := range names {
		if n, ok := parseName(name, suffix); ok {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

// recovery reads a log from its beginning to its end.
type recovery struct {
	l       *Log
	report  *Report
	replay  func(Entry) error
	whole   bool // no footer is taken for its segment
	lenient bool // what stands before a header that is damaged is replayed

	known   uint64   // sequence number of a group that the disk had, as the manifest says
	named   bool     // the id of the log is known
	changed bool     // the manifest has to be written
	gone    []uint32 // segments that were dropped, and whose files are still there
	small   []uint32 // too small to be written to
	behind  []*found // segments behind one whose header is damaged

	found    []*found
	window   window
	footer   footer // of the segment that was scanned last
	buf      []byte // one footer
	seq      uint64 // of the last whole group; 0: none yet
	synced   uint64 // the highest that a group says was on the disk before it
	fresh    []extent
	first    uint64 // sequence number of the first group of the segment that was scanned last
	complete bool   // the last whole group sealed its segment
	marked   bool   // it was empty
}

// found is a segment that has a file.
type found struct {
	segment
	begun   bool     // something was written to it
	trailer *trailer // nil: none that is sound
	says    uint64   // up to here the disk had all groups, say those up to offset seen
	seen    uint32
	ends    []uint32 // of groups beyond the end of the log
}

// extent is a stretch of whole groups; seq is the last one's.
type extent struct {
	s        *found
	from, to uint32
	seq      uint64
}

// run replays what is there. The log ends in segment i at the stop, or with the last
// segment, if i is none.
func (r *recovery) run(list []uint32) (at stop, i int, err error) {
	defer r.window.close()
	damaged := r.openAll(list)
	if damaged != nil && !(r.lenient && errors.As(damaged, new(*DamageError))) {
		return at, 0, damaged
	}
	for ; i < len(r.found); i++ {
		if at, err = r.segment(i); err != nil {
			return at, i, err
		}
		if !r.complete {
			err := r.judge(i, &at)
			return at, i, cmp.Or(err, damaged)
		}
	}
	return at, i, cmp.Or(damaged, r.short())
}

// segment replays one, from its footer if that can be trusted.
func (r *recovery) segment(i int) (stop, error) {
	if ok, err := r.trusted(i); err != nil {
		return stop{}, err
	} else if ok {
		if ok, err = r.brief(r.found[i]); err != nil || ok {
			return stop{}, err
		}
	}
	return r.scan(i)
}
