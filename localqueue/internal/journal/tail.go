package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
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
		from := int64(segmentHeader)
		if j == 0 {
			from = int64(at.at)
		}
		err := s.search(from, func(off int64, e end) error {
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
	if r.known > r.seq {
		return r.damaged(r.found[i], at, r.promised())
	}
	if at.reason != errNothing || at.records > 0 || beyond > 0 {
		s := r.found[i]
		r.report.Cut = &Cut{segmentName(s.number), Pos{s.number, at.at}, at.records, beyond, at.reason.Error()}
	}
	return nil
}

// promised is what the manifest says of the end of the log.
func (r *recovery) promised() string {
	return fmt.Sprintf("%s was written when group %d was on the disk, and the log ends with group %d", manifestNames[r.l.register.slot], r.known, r.seq)
}

// short looks whether a log that ends with a whole segment is all there.
func (r *recovery) short() error {
	if r.known <= r.seq {
		return nil
	}
	at := &DamageError{File: manifestNames[r.l.register.slot], Reason: r.promised()}
	if n := len(r.found); n > 0 {
		s := r.found[n-1]
		at.File, at.Pos = segmentName(s.number), Pos{s.number, s.used}
	}
	return at
}

func (r *recovery) damaged(s *found, at *stop, because string) error {
	return &DamageError{segmentName(s.number), Pos{s.number, at.offset}, at.reason.Error() + "; " + because}
}

// searchChunk is how much search reads at once.
const searchChunk = 1 << 20

// search looks for ends of groups in a segment, from an offset on, at any place.
func (s *segment) search(from int64, yield func(off int64, e end) error) error {
	buf := make([]byte, min(searchChunk, s.size))
	for ; from < s.size; from += int64(len(buf)) - (endSize - 1) { // one may begin in the last bytes
		n, err := s.file.ReadAt(buf[:min(int64(len(buf)), s.size-from)], from)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read %s: %w", segmentName(s.number), err)
		}
		err = ends(buf[:n], s.identity, func(off int, e end) error { return yield(from+int64(off), e) })
		if err != nil {
			return err
		}
	}
	return nil
}

// ends looks for whole ends of groups of a segment in b.
func ends(b []byte, id identity, yield func(off int, e end) error) error {
	for _, kind := range []byte{kindEnd, kindSeal} {
		pattern := endPattern(id.number, kind)
		for off := 4; off <= len(b); { // a checksum stands before the pattern
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
	r.forget()
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
	l := r.l
	l.next, l.synced, l.marked = r.seq+1, r.seq, r.marked
	l.safe.Store(Pos{l.number, 0}.mark())
	for j, s := range r.found[i:] {
		if j == 0 && at.at > segmentHeader {
			l.current, l.tail, l.first, l.footer = &s.segment, at.at, r.first, r.footer
			l.safe.Store(Pos{s.number, at.at}.mark())
		} else {
			r.keep(s)
		}
	}
	l.recount()
	return nil
}

// keep lets a segment without records be written next, or takes it out of the log if it
// is too small for the records that may come.
func (r *recovery) keep(s *found) {
	if s.size < r.l.opts.SegmentSize {
		_ = s.file.Close() // only read, or synced
		delete(r.l.segments, s.number)
		r.small, r.changed = append(r.small, s.number), true
		return
	}
	if len(r.l.ready) == 0 && r.l.current == nil {
		r.l.safe.Store(Pos{s.number, 0}.mark())
	}
	r.l.ready = append(r.l.ready, &s.segment)
}

// rewrite writes what stands there once more and syncs it. A sync alone would not
// do: after one that failed the system may hold bytes in its memory that it takes
// for written. Under Never, where it may be the whole log, a sync has to do.
func (r *recovery) rewrite(x extent) error {
	if r.l.opts.Sync == Never {
		return r.sync(x.s)
	}
	b := make([]byte, x.to-x.from)
	n, err := x.s.file.ReadAt(b, int64(x.from))
	if err != nil && !errors.Is(err, io.EOF) { // zeros may be missing at the end
		return fmt.Errorf("read %s: %w", segmentName(x.s.number), err)
	}
	clear(b[n:])
	if _, err := x.s.file.WriteAt(b, int64(x.from)); err != nil {
		return fmt.Errorf("write %s: %w", segmentName(x.s.number), err)
	}
	return r.sync(x.s)
}

// erase overwrites the ends of groups that stand in s beyond the end of the log, and
// the footer of a sealing that was given up, so that no later recovery takes them for
// what was written since: a group without its end is none, and a footer without its
// trailer.
func (r *recovery) erase(s *found) error {
	if len(s.ends) == 0 && s.trailer == nil {
		return nil
	}
	if s.trailer != nil {
		if _, err := s.file.WriteAt(make([]byte, trailerSize), s.size-trailerSize); err != nil {
			return fmt.Errorf("write %s: %w", segmentName(s.number), err)
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
