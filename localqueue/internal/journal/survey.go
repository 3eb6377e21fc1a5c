package journal

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
)

// survey says which segments make up the log: those that the manifest lists, and those
// that were named after it was written. Without one, all that are there. One that was
// dropped, and that the manifest does not know to be leaving, was put back by somebody.
func (r *recovery) survey(names []string) (list []uint32, err error) {
	there := numbers(names, suffixLive)
	g := &r.l.register
	if err := g.read(names, len(there) > 0); err != nil {
		return there, err
	}
	if g.fresh || g.taken {
		r.changed = true
		return there, nil
	}
	r.known, r.synced, r.l.number = g.last.synced, g.last.synced, g.last.next
	r.setLog(g.last.log)
	list = slices.Clone(g.last.segments)
	for _, n := range there {
		switch {
		case n >= g.last.next:
			list, r.changed = append(list, n), true
		case has(g.last.leaving, n):
			r.gone = append(r.gone, n)
		case !has(g.last.segments, n):
			err = cmp.Or(err, error(&DamageError{segmentName(n), Pos{n, 0},
				"the manifest does not list it: it was put there since; take it away"}))
		}
	}
	// It is not closed from now on, and what has gone is not leaving any more.
	r.changed = r.changed || g.last.closed || len(r.gone) < len(g.last.leaving)
	return list, cmp.Or(err, r.ours())
}

// has reports whether n is in a list that is in order.
func has(list []uint32, n uint32) bool {
	_, ok := slices.BinarySearch(list, n)
	return ok
}

func (r *recovery) setLog(id uint64) { r.l.log, r.named = id, true }

// ours sees that what was dropped is of this log, too: what is of another was not
// dropped, but put there by somebody.
func (r *recovery) ours() error {
	for _, n := range r.gone {
		f, err := r.l.dir.Open(segmentName(n))
		if err != nil {
			return err
		}
		var b [segmentHeader]byte
		got, err := f.ReadAt(b[:], 0)
		if closed := f.Close(); err == nil || errors.Is(err, io.EOF) {
			err = closed
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", segmentName(n), err)
		}
		if id, _, err := parseSegmentHeader(b[:got], n); err == nil && id.log != r.l.log {
			return foreign(n)
		}
	}
	return nil
}

func foreign(n uint32) error {
	return &DamageError{segmentName(n), Pos{n, 0},
		"the segment is of another log: files of two directories were mixed; take away what does not belong here"}
}

// openAll opens the segments and reads their headers. A header was on the disk, and the
// file as long as it says, before its segment had its name, so no crash excuses one that
// is wrong. If damage is to be looked at, what stands behind it is only listed.
func (r *recovery) openAll(list []uint32) (damaged error) {
	for _, n := range list {
		s := &found{segment: segment{identity: identity{number: n}}, seen: segmentHeader}
		err := r.open(s)
		if err != nil && !(r.lenient && errors.As(err, new(*DamageError))) {
			return err
		}
		if damaged = cmp.Or(damaged, err); damaged == nil {
			r.found = append(r.found, s)
		} else if s.file != nil {
			r.behind = append(r.behind, s)
		}
	}
	return damaged
}

func (r *recovery) open(s *found) error {
	n := s.number
	f, err := r.l.dir.Open(segmentName(n))
	if errors.Is(err, fs.ErrNotExist) {
		return &DamageError{segmentName(n), Pos{n, 0}, "the file is missing, but " + manifestNames[r.l.register.slot] + " lists it; " + takeAll}
	}
	if err != nil {
		return err
	}
	s.file = f
	r.l.segments[n] = &s.segment
	newer := r.l.register.last.generation > 0 && n >= r.l.register.last.next
	r.l.number = max(r.l.number, n+1)
	size, err := f.Size()
	if err != nil {
		return fmt.Errorf("size of %s: %w", segmentName(n), err)
	}
	if err := r.begin(s, size); err != nil {
		return err
	}
	if newer && s.begun {
		return &DamageError{segmentName(n), Pos{n, segmentHeader}, "groups stand in a segment that the manifest does not know: " +
			"files of two times were mixed; " + takeAll}
	}
	return nil
}

// begin reads the header and the trailer of a segment.
func (r *recovery) begin(s *found, size int64) error {
	n := s.number
	var b [segmentHeader + recordHeader + trailerSize]byte
	got, err := s.file.ReadAt(b[:segmentHeader+recordHeader], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read %s: %w", segmentName(n), err)
	}
	id, full, err := parseSegmentHeader(b[:got], n)
	if other := (*versionError)(nil); errors.As(err, &other) {
		return fmt.Errorf("%s: %w", segmentName(n), err)
	}
	s.size = size // to be listed, whatever is wrong
	switch {
	case err != nil:
		return &DamageError{segmentName(n), Pos{n, 0}, err.Error()}
	case size < full:
		return &DamageError{segmentName(n), Pos{n, uint32(size)}, fmt.Sprintf("the file ends here, and should have %d bytes", full)}
	case !r.named:
		r.setLog(id.log)
	case id.log != r.l.log:
		return foreign(n)
	}
	s.identity, s.size = id, full
	_, err = parseFrame(b[segmentHeader:got], s.identity)
	s.begun = !errors.Is(err, errNothing)
	s.trailer, err = s.readTrailer(b[segmentHeader+recordHeader:])
	return err
}
