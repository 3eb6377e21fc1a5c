package journal

import (
	"bytes"
	"fmt"
)

// judge decides what the bytes are that stop stopped at, in segment i: the end of
// the log, a tail that a crash left unfinished, which is cut off, or damage.
//
// Every end of a group says up to which group the disk had everything before it
// was written. If one that stands further on says so of the group that is not
// whole here, then that one was whole.
func (r *recovery) judge(i int, at *stop) error {
	var beyond uint64
	for j, s := range r.found[i:] {
		b, err := r.load(s)
		if err != nil {
			return err
		}
		from := segmentHeader
		if j == 0 {
			from = int(at.at)
		}
		err = ends(b, s.identity, from, func(off int, e end) error {
			if e.synced > r.seq && e.seq > e.synced {
				return r.damaged(r.found[i], at, fmt.Sprintf("group %d, which ends at %v, was written when this was on the disk",
					e.seq, Pos{s.number, uint32(off)}))
			}
			beyond++
			s.ends = append(s.ends, uint32(off))
			return nil
		})
		if err != nil {
			return err
		}
	}
	if at.reason != errNothing || at.records > 0 || beyond > 0 {
		s := r.found[i]
		r.report.Cut = &Cut{segmentName(s.number), Pos{s.number, at.at}, at.records, beyond, at.reason.Error()}
	}
	return nil
}

func (r *recovery) damaged(s *found, at *stop, because string) error {
	return &DamageError{segmentName(s.number), Pos{s.number, at.offset}, at.reason.Error() + "; " + because}
}

// ends looks for ends of groups of a segment in b, from an offset on, at any place.
func ends(b []byte, id identity, from int, yield func(off int, e end) error) error {
	for _, kind := range []byte{kindEnd, kindSeal} {
		pattern := endPattern(id.number, kind)
		for off := from + 4; off <= len(b); { // a checksum stands before the pattern
			n := bytes.Index(b[off:], pattern)
			if n < 0 {
				break
			}
			at := off + n - 4
			off += n + 1
			f, err := parseFrame(b[at:], id)
			if err != nil {
				continue
			}
			if err := yield(at, parseEnd(f.body)); err != nil {
				return err
			}
		}
	}
	return nil
}

// settle makes the log go on behind the last whole group, which is in segment i or
// before: what recovery found is brought to the disk, if it may not have been, and
// what it gave up can never be found again.
func (r *recovery) settle(i int, at stop) error {
	for _, x := range r.fresh {
		if err := r.rewrite(x); err != nil {
			return err
		}
	}
	for _, s := range r.found[i:] {
		if err := r.erase(s); err != nil {
			return err
		}
	}
	r.l.next, r.l.synced, r.l.marked = r.seq+1, r.seq, r.marked
	for j, s := range r.found[i:] {
		if j == 0 && at.at > segmentHeader {
			r.l.current, r.l.tail = &s.segment, at.at
		} else {
			r.l.ready = append(r.l.ready, &s.segment)
		}
	}
	return nil
}

// rewrite writes what stands there once more and syncs it. A sync alone would not
// do: after one that failed the system may hold bytes in its memory that it takes
// for written. Under Never, where it may be the whole log, a sync has to do.
func (r *recovery) rewrite(x extent) error {
	if r.l.opts.Sync == Never {
		return r.sync(x.s)
	}
	if int64(cap(r.buf)) < int64(x.to-x.from) {
		r.buf = make([]byte, x.to-x.from)
	}
	b := r.buf[:x.to-x.from]
	if _, err := x.s.file.ReadAt(b, int64(x.from)); err != nil {
		return fmt.Errorf("read %s: %w", segmentName(x.s.number), err)
	}
	if _, err := x.s.file.WriteAt(b, int64(x.from)); err != nil {
		return fmt.Errorf("write %s: %w", segmentName(x.s.number), err)
	}
	return r.sync(x.s)
}

// erase overwrites the ends of groups that stand in s beyond the end of the log, so
// that no later recovery takes them for what was written since: a group without its
// end is none. A file that lost its end gets it back; nothing stood there.
func (r *recovery) erase(s *found) error {
	size, err := s.file.Size()
	if err != nil {
		return fmt.Errorf("size of %s: %w", segmentName(s.number), err)
	}
	if size >= s.size && len(s.ends) == 0 {
		return nil
	}
	if size < s.size {
		if err := s.file.Truncate(s.size); err != nil {
			return fmt.Errorf("lengthen %s: %w", segmentName(s.number), err)
		}
	}
	for _, off := range s.ends {
		if _, err := s.file.WriteAt(make([]byte, endSize), int64(off)); err != nil {
			return fmt.Errorf("write %s: %w", segmentName(s.number), err)
		}
	}
	return r.sync(s)
}

func (r *recovery) sync(s *found) error {
	if err := s.file.Sync(); err != nil {
		return &syncError{segmentName(s.number), err}
	}
	return nil
}

// tidy removes files that are worth nothing, and finds those to be written again.
func (l *Log) tidy(names []string) error {
	for _, n := range numbers(names, suffixDraft) {
		if err := l.dir.Remove(fileName(n, suffixDraft)); err != nil {
			return err
		}
	}
	for _, n := range numbers(names, suffixSpare) {
		if err := l.keepOrRemove(fileName(n, suffixSpare)); err != nil {
			return err
		}
	}
	return nil
}

func (l *Log) keepOrRemove(name string) error {
	f, err := l.dir.Open(name)
	if err != nil {
		return err
	}
	size, err := f.Size()
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	if size == l.opts.SegmentSize && len(l.spares) < l.opts.Spares {
		l.spares = append(l.spares, name)
		return nil
	}
	return l.dir.Remove(name)
}
