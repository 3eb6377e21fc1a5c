package journal

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// SegmentInfo describes a segment with groups in it.
type SegmentInfo struct {
	Number uint32
	Size   int64 // of the file
	Used   int64 // of it, up to the end of the last group
	Sealed bool  // all of it is written, and the log goes on behind: it can be scanned, and dropped
}

// Segments describes the segments of the log in their order, without those that
// stand ready to be written.
func (l *Log) Segments() []SegmentInfo {
	l.mu.Lock()
	defer l.mu.Unlock()
	var list []SegmentInfo
	for n, s := range l.segments {
		switch {
		case s == l.current:
			list = append(list, SegmentInfo{n, s.size, int64(l.end()), false})
		case l.past(n):
			list = append(list, SegmentInfo{n, s.size, int64(s.used), s.sealed && !l.endsIn(n)})
		}
	}
	slices.SortFunc(list, func(a, b SegmentInfo) int { return cmp.Compare(a.Number, b.Number) })
	return list
}

// Scan hands all records of a sealed segment to yield, in their order: from its footer
// if it has one, otherwise by reading all of it. An error ends it: yield's, ErrDropped,
// *DamageError, or the system's.
func (l *Log) Scan(number uint32, yield func(Entry) error) error {
	l.mu.Lock()
	s := l.segments[number]
	sealed := s != nil && s.sealed
	l.mu.Unlock()
	switch {
	case s == nil:
		return fmt.Errorf("scan %s: %w", segmentName(number), ErrDropped)
	case !sealed:
		return fmt.Errorf("scan %s: it is still written to", segmentName(number))
	}
	var ended error // by yield
	err := s.records(func(e Entry) error {
		ended = yield(e)
		return ended
	})
	if err == nil || ended != nil {
		return ended
	}
	return fmt.Errorf("scan: %w", l.excused(s, err))
}

// records hands the records of a sealed segment to yield.
func (s *segment) records(yield func(Entry) error) error {
	t, err := s.readTrailer(make([]byte, trailerSize))
	if err != nil {
		return err
	}
	if t != nil {
		b, sound, err := s.readEntries(t, nil)
		if err != nil {
			return err
		}
		if sound {
			_, err = t.entries(b, func(at, length uint32, head []byte) error {
				return yield(Entry{Pos{s.number, at}, length, head})
			})
			return err
		}
	}
	return s.walk(yield)
}

// walkChunk is how much walk reads at once, or as much as the longest record has.
const walkChunk = 1 << 20

// walk reads a sealed segment from its beginning.
func (s *segment) walk(yield func(Entry) error) error {
	var buf []byte // what stands from at on
	chunk := int64(walkChunk)
	for at := int64(segmentHeader); ; {
		f, err := parseFrame(buf, s.identity)
		if have := int64(len(buf)); err != nil && at+have < s.size && (have < recordHeader || errors.Is(err, errCutShort)) {
			if have >= chunk {
				chunk *= 2
			}
			buf = make([]byte, min(chunk, s.size-at))
			if err := readFull(s, buf, at); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return &DamageError{segmentName(s.number), Pos{s.number, uint32(at)}, err.Error()}
		}
		if f.kind == kindSeal {
			return nil
		}
		if f.kind == kindRecord {
			if err := yield(Entry{Pos{s.number, uint32(at)}, uint32(len(f.body)), f.body}); err != nil {
				return err
			}
		}
		at, buf = at+int64(f.size()), buf[f.size():]
	}
}
