package journal

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
)

// Report says what Open found.
type Report struct {
	Segments int    // with records in them
	Groups   uint64 // whole ones
	Records  uint64
	Bytes    int64 // of the bodies of records
	Cut      *Cut  // nil: the log ended as it should
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
func open(dir Dir, opts Options, replay func(Pos, []byte) error) (*Log, Report, error) {
	var report Report
	opts, err := opts.filled()
	if err != nil {
		return nil, report, err
	}
	l := &Log{
		dir: dir, opts: opts, segments: map[uint32]*segment{}, next: 1, number: 1,
		commits: make(chan struct{}, 1), fills: make(chan struct{}, 1),
	}
	l.room = sync.Cond{L: &l.mu}
	r := &recovery{l: l, report: &report, replay: replay, marked: true}
	if err := r.everything(); err != nil {
		l.closeFiles()
		return nil, report, err
	}
	return l, report, nil
}

func (r *recovery) everything() error {
	names, err := r.l.dir.List()
	if err != nil {
		return fmt.Errorf("list the directory: %w", err)
	}
	if err := r.run(numbers(names, suffixLive)); err != nil {
		return err
	}
	if err := r.l.tidy(names); err != nil {
		return err
	}
	return r.l.syncNames() // what is seen under a name may not be on the disk under it yet
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
	l      *Log
	report *Report
	replay func(Pos, []byte) error

	found    []*found
	buf      []byte // one segment
	seq      uint64 // of the last whole group; 0: none yet
	synced   uint64 // the highest that a group says was on the disk before it
	fresh    []extent
	complete bool // the last whole group sealed its segment
	marked   bool // it was empty
}

// found is a segment that has a file.
type found struct {
	segment
	ends []uint32 // of groups beyond the end of the log
}

// extent is a stretch of whole groups; seq is the last one's.
type extent struct {
	s        *found
	from, to uint32
	seq      uint64
}

func (r *recovery) run(list []uint32) error {
	if err := r.openAll(list); err != nil {
		return err
	}
	i, stop := 0, stop{}
	for ; i < len(r.found); i++ {
		var err error
		if stop, err = r.scan(i); err != nil {
			return err
		}
		if !r.complete {
			break
		}
	}
	if i == len(r.found) { // the last segment is sealed, or there is none
		return r.settle(i, stop)
	}
	if err := r.judge(i, &stop); err != nil {
		return err
	}
	return r.settle(i, stop)
}

// openAll opens all segments and reads their headers. A header was on the disk
// before its segment had its name, so no crash excuses one that is wrong.
func (r *recovery) openAll(list []uint32) error {
	for _, n := range list {
		f, err := r.l.dir.Open(segmentName(n))
		if err != nil {
			return err
		}
		s := &found{segment: segment{file: f}}
		r.found = append(r.found, s)
		r.l.segments[n] = &s.segment
		r.l.number = n + 1
		head := make([]byte, segmentHeader)
		got, err := f.ReadAt(head, 0)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read %s: %w", segmentName(n), err)
		}
		s.identity, s.size, err = parseSegmentHeader(head[:got], n)
		if other := (*versionError)(nil); errors.As(err, &other) {
			return fmt.Errorf("%s: %w", segmentName(n), err)
		}
		if err != nil {
			return &DamageError{segmentName(n), Pos{n, 0}, err.Error()}
		}
	}
	return nil
}

// load reads a segment whole; a file that ends early ends in zeros.
func (r *recovery) load(s *found) ([]byte, error) {
	if int64(cap(r.buf)) < s.size {
		r.buf = make([]byte, s.size)
	}
	b := r.buf[:s.size]
	n, err := s.file.ReadAt(b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read %s: %w", segmentName(s.number), err)
	}
	clear(b[n:])
	return b, nil
}
