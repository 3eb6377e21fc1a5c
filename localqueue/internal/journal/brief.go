package journal

import (
	"errors"
	"fmt"
	"io"
)

// readTrailer reads a segment's trailer into b, which is as long as one; nil: there is
// none that is sound.
func (s *segment) readTrailer(b []byte) (*trailer, error) {
	n, err := s.file.ReadAt(b, s.size-trailerSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read %s: %w", segmentName(s.number), err)
	}
	return parseTrailer(b[:n], s.identity, s.size), nil
}

// readEntries reads the entries that t tells of into buf, which may grow. They are
// sound if their checksum is right and they are what can be written.
func (s *segment) readEntries(t *trailer, buf []byte) (b []byte, sound bool, err error) {
	if cap(buf) < int(t.length) {
		buf = make([]byte, t.length)
	}
	b = buf[:t.length]
	n, err := s.file.ReadAt(b, s.size-trailerSize-int64(t.length))
	if err != nil && !errors.Is(err, io.EOF) {
		return b, false, fmt.Errorf("read %s: %w", segmentName(s.number), err)
	}
	if n < len(b) || checksum(b) != t.sum {
		return b, false, nil
	}
	sound, _ = t.entries(b, nil)
	return b, sound, nil
}

// trusted reports whether segment i may be taken from its footer: it is the next of the
// log, and a later group says that the disk had all of it before.
func (r *recovery) trusted(i int) (bool, error) {
	s := r.found[i]
	if r.whole || s.trailer == nil || !r.follows(s, segmentHeader, s.trailer.first) {
		return false, nil
	}
	for _, later := range r.found[i+1:] {
		if later.trailer != nil {
			if later.trailer.synced >= s.trailer.last {
				return true, nil
			}
			continue // its groups say less than its trailer
		}
		if !later.begun {
			return false, nil
		}
		if ok, err := r.confirms(later, s.trailer.last); err != nil || ok {
			return ok, err
		}
	}
	return false, nil
}

// confirms reports whether a group of s says that the disk had group seq before. It looks
// at each group once, however often it is asked.
func (r *recovery) confirms(s *found, seq uint64) (bool, error) {
	if s.says >= seq {
		return true, nil
	}
	w := &r.window
	w.open(s, nil)
	for s.says < seq {
		f, bad, err := w.frame(s.seen)
		if bad != nil || err != nil {
			return false, err
		}
		if f.kind != kindRecord {
			s.says = max(s.says, parseEnd(f.body).synced)
		}
		s.seen += uint32(f.size())
	}
	return true, nil
}

// brief replays a segment from its footer. False: the footer is damaged, and nothing
// was replayed.
func (r *recovery) brief(s *found) (ok bool, err error) {
	t := s.trailer
	r.buf, ok, err = s.readEntries(t, r.buf)
	if err != nil || !ok {
		return false, err
	}
	_, err = t.entries(r.buf, func(at, length uint32, head []byte) error {
		return r.record(s, at, length, head)
	})
	if err != nil {
		return false, err
	}
	r.report.Groups += t.last - t.first + 1
	r.seq, r.synced = t.last, max(r.synced, t.synced)
	r.complete, r.marked = true, false
	r.list(s, t.end)
	return true, nil
}
