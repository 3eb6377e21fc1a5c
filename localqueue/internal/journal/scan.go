package journal

import (
	"bytes"
	"errors"
	"fmt"
)

// stop is where a scan found no whole group any more.
type stop struct {
	at      uint32 // where that group would begin
	offset  uint32 // what is wrong stands here
	records uint64 // sound ones before it, in that group
	reason  error
}

// What may stand where a group should, apart from what parseFrame finds.
var (
	errGap   = errors.New("groups before this one are missing")
	errCount = errors.New("the end of a group does not fit what stands before it")
)

// scan replays the whole groups of a segment. complete tells afterwards whether it
// was sealed; if it was not, the stop says why the scan went no further.
func (r *recovery) scan(i int) (stop, error) {
	s := r.found[i]
	r.complete = false
	r.footer.reset(s.size)
	var after *found
	if i++; i < len(r.found) && r.found[i].begun && (r.whole || r.found[i].trailer == nil) {
		after = r.found[i]
	}
	r.window.open(s, after)
	at := uint32(segmentHeader)
	for !r.complete {
		e, to, bad, err := r.group(s, at)
		if err != nil {
			return stop{}, err
		}
		if bad.reason != nil {
			r.list(s, at)
			return bad, nil
		}
		if at == segmentHeader {
			r.first = e.seq
		}
		if err := r.accept(s, at, to, e); err != nil {
			return stop{}, err
		}
		at = to
	}
	r.list(s, at)
	if r.whole {
		return stop{at: at}, r.compare(s, at)
	}
	return stop{at: at}, nil
}

// list adds a segment whose groups end at offset to to the report.
func (r *recovery) list(s *found, to uint32) {
	s.used, s.sealed = to, r.complete
	if to > segmentHeader {
		r.report.Segments = append(r.report.Segments, SegmentInfo{s.number, s.size, int64(to), s.sealed})
	}
}

// compare looks whether a segment's footer, if it has a sound one, says what stands in
// the segment, up to end: what Open would take for it.
func (r *recovery) compare(s *found, end uint32) error {
	t := s.trailer
	if t == nil {
		return nil
	}
	b, sound, err := s.readEntries(t, r.buf)
	if r.buf = b; err != nil || !sound {
		return err
	}
	f := &r.footer
	if t.first == r.first && t.last == r.seq && t.end == end && t.count == f.count && !f.omitted && bytes.Equal(b, f.buf) {
		return nil
	}
	at := Pos{s.number, uint32(s.size) - trailerSize - t.length}
	return &DamageError{segmentName(s.number), at, "the footer is not that of what stands in the segment"}
}

// group checks the group that begins at offset at, and says where it ends.
func (r *recovery) group(s *found, at uint32) (e end, to uint32, bad stop, err error) {
	bad = stop{at: at, offset: at}
	var sum uint32
	for {
		var f frame
		if f, bad.reason, err = r.window.frame(bad.offset); bad.reason != nil || err != nil {
			return e, 0, bad, err
		}
		if f.kind == kindRecord {
			sum = chain(sum, r.window.from(bad.offset)[:recordHeader])
			bad.offset += uint32(f.size())
			bad.records++
			continue
		}
		e = parseEnd(f.body)
		switch {
		case e.start != at || uint64(e.count) != bad.records || e.sum != sum || e.synced >= e.seq:
			bad.reason = errCount
		case !r.follows(s, at, e.seq):
			bad.reason = errGap
		}
		return e, bad.offset + endSize, bad, nil
	}
}

// follows reports whether group seq can be the next. Only where segments in between
// were dropped may groups be missing.
func (r *recovery) follows(s *found, at uint32, seq uint64) bool {
	if at == segmentHeader && r.skipped(s) {
		return seq > r.seq
	}
	return seq == r.seq+1
}

// skipped reports whether segments before s are missing.
func (r *recovery) skipped(s *found) bool {
	before := uint32(0)
	for _, f := range r.found {
		if f == s {
			break
		}
		before = f.number
	}
	return s.number != before+1
}

// accept replays a group that was checked.
func (r *recovery) accept(s *found, at, to uint32, e end) error {
	for off := at; ; {
		b := r.window.from(off)
		kind, n := parseWord(b)
		if kind != kindRecord {
			r.complete = kind == kindSeal
			break
		}
		body := b[recordHeader:][:n:n]
		r.footer.add(off, uint32(n), body[:parseHead(b)])
		if err := r.record(s, off, uint32(n), body); err != nil {
			return err
		}
		off += recordHeader + uint32(n)
	}
	r.report.Groups++
	r.seq, r.synced, r.marked = e.seq, max(r.synced, e.synced), e.count == 0
	r.remember(s, at, to)
	return nil
}

// record replays one.
func (r *recovery) record(s *found, off, length uint32, head []byte) error {
	e := Entry{Pos{s.number, off}, length, head}
	if err := r.replay(e); err != nil {
		return fmt.Errorf("replay the record at %v: %w", e.Pos, err)
	}
	r.report.Records++
	r.report.Bytes += int64(length)
	return nil
}

// maxFresh is how many stretches remember keeps apart.
const maxFresh = 1024

// remember notes a group that may not be on the disk, and forgets those that are.
func (r *recovery) remember(s *found, from, to uint32) {
	r.forget()
	if n := len(r.fresh); n >= maxFresh && r.fresh[n-1].s == s {
		r.fresh[n-1].to, r.fresh[n-1].seq = to, r.seq
		return
	}
	r.fresh = append(r.fresh, extent{s, from, to, r.seq})
}

func (r *recovery) forget() {
	done := 0
	for done < len(r.fresh) && r.fresh[done].seq <= r.synced {
		done++
	}
	r.fresh = r.fresh[done:]
}
