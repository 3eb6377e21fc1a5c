package journal

import (
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
	b, err := r.load(s)
	if err != nil {
		return stop{}, err
	}
	at := uint32(segmentHeader)
	for {
		e, to, bad := r.group(s, b, at)
		if bad.reason != nil {
			return bad, nil
		}
		if err := r.accept(s, b, at, to, e); err != nil {
			return stop{}, err
		}
		if at == segmentHeader {
			r.report.Segments++
		}
		if at = to; r.complete {
			return stop{at: at}, nil
		}
	}
}

// group checks the group that begins at offset at, and says where it ends.
func (r *recovery) group(s *found, b []byte, at uint32) (e end, to uint32, bad stop) {
	bad = stop{at: at, offset: at}
	var sum uint32
	for {
		f, err := parseFrame(b[bad.offset:], s.identity)
		if err != nil {
			bad.reason = err
			return e, 0, bad
		}
		if f.kind == kindRecord {
			sum = chain(sum, b[bad.offset:][:recordHeader])
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
		return e, bad.offset + endSize, bad
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
func (r *recovery) accept(s *found, b []byte, at, to uint32, e end) error {
	for off := at; ; {
		kind, n := parseWord(b[off:])
		if kind != kindRecord {
			r.complete = kind == kindSeal
			break
		}
		body := b[off+recordHeader:][:n:n]
		if err := r.replay(Pos{s.number, off}, body); err != nil {
			return fmt.Errorf("replay the record at %v: %w", Pos{s.number, off}, err)
		}
		r.report.Records++
		r.report.Bytes += int64(n)
		off += recordHeader + uint32(n)
	}
	r.report.Groups++
	r.seq, r.synced, r.marked = e.seq, max(r.synced, e.synced), e.count == 0
	r.remember(s, at, to)
	return nil
}

// maxFresh is how many stretches remember keeps apart.
const maxFresh = 1024

// remember notes a group that may not be on the disk, and forgets those that are.
func (r *recovery) remember(s *found, from, to uint32) {
	done := 0
	for done < len(r.fresh) && r.fresh[done].seq <= r.synced {
		done++
	}
	r.fresh = r.fresh[done:]
	if n := len(r.fresh); n >= maxFresh && r.fresh[n-1].s == s {
		r.fresh[n-1].to, r.fresh[n-1].seq = to, r.seq
		return
	}
	r.fresh = append(r.fresh, extent{s, from, to, r.seq})
}
