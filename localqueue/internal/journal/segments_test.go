package journal_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

// scanned is what Scan and Read find in a segment.
func scanned(l *journal.Log, segment uint32) ([]entry, error) {
	var list []journal.Entry
	err := l.Scan(segment, func(e journal.Entry) error {
		e.Head = bytes.Clone(e.Head)
		list = append(list, e)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return bodies(l, list)
}

// TestScan scans sealed segments with and without footers, of this run and of one
// before, and compares with what was appended.
func TestScan(t *testing.T) {
	t.Parallel()
	d, h, last, _ := sound(t)
	b := d.Bytes(name(2))
	b[len(b)-1] ^= 1 // no footer
	d.Put(name(2), b)
	l, _, _ := mustOpen(t, d, small)
	defer mustClose(t, l)
	for range 20 {
		if err := h.step(l, 3, journal.Synced); err != nil {
			t.Fatal(err)
		}
	}
	list := l.Segments()
	if list[0].Number != 1 || len(list) <= int(last.Segment) {
		t.Fatalf("segments %+v", list)
	}
	for i, s := range list {
		if s.Number != uint32(i+1) || s.Size != small.SegmentSize || s.Used > s.Size || s.Used < 100 || s.Sealed != (i < len(list)-1) {
			t.Errorf("segment %d: %+v", i, s)
		}
		got, err := scanned(l, s.Number)
		if !s.Sealed {
			if err == nil {
				t.Error("the segment that is written to was scanned")
			}
			continue
		}
		want := slices.DeleteFunc(slices.Clone(h.places), func(e entry) bool { return e.pos.Segment != s.Number })
		if err != nil || !slices.EqualFunc(got, want, equal) {
			t.Errorf("segment %d: %d records, want %d; %v", s.Number, len(got), len(want), err)
		}
	}
	enough := errors.New("enough")
	if err := l.Scan(1, func(journal.Entry) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("stopped: %v", err)
	}
	if err := l.Scan(999, nil); !errors.Is(err, journal.ErrDropped) {
		t.Errorf("no such segment: %v", err)
	}
	b = d.Bytes(name(2))
	b[40] ^= 1
	d.Put(name(2), b)
	again, _, err := reopenQuietly(d)
	if err == nil {
		mustClose(t, again)
		t.Error("opened what is damaged")
	}
}

// reopenQuietly opens without reading bodies.
func reopenQuietly(d journal.Dir) (*journal.Log, journal.Report, error) {
	return journal.Open(d, small, func(journal.Entry) error { return nil })
}

// TestScanLongRecords: records longer than what is read at once are scanned, too.
func TestScanLongRecords(t *testing.T) {
	t.Parallel()
	l, _, _ := mustOpen(t, disk(), journal.Options{SegmentSize: 8 << 20})
	defer mustClose(t, l)
	var want []entry
	for n := uint32(0); n < 2; {
		body := bytes.Repeat([]byte{byte(len(want))}, 1+(len(want)*733_331)%3_000_000)
		e := mustAppendHead(t, l, body, len(body))
		n, want = e.pos.Segment, append(want, e)
	}
	got, err := scanned(l, 1)
	want = want[:len(want)-1]
	if err != nil || !slices.EqualFunc(got, want, equal) {
		t.Fatalf("%d records, want %d; %v", len(got), len(want), err)
	}
}

// TestSealedIsTold: each sealed segment is told of, once, when it can be scanned.
func TestSealedIsTold(t *testing.T) {
	t.Parallel()
	for _, policy := range []journal.SyncPolicy{journal.Always, journal.Never} {
		synctest.Test(t, func(t *testing.T) {
			told := make(chan uint32, 100)
			o := small
			o.Sync, o.Sealed = policy, func(n uint32) { told <- n }
			l, _, _ := mustOpen(t, disk(), o)
			h := newHistory()
			var want uint32
			for range 40 {
				if err := h.step(l, 2, journal.Synced); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				for len(told) > 0 {
					n := <-told
					if want++; n != want {
						t.Fatalf("told of %d, want %d", n, want)
					}
					if _, err := scanned(l, n); err != nil {
						t.Fatal(err)
					}
				}
			}
			if last := h.places[len(h.places)-1].pos.Segment; want != last-1 || want < 5 {
				t.Fatalf("told of %d segments, the last is %d", want, last)
			}
			mustClose(t, l)
		})
	}
}

// TestDroppedForGood: what Drop has returned for comes back after no crash; the
// workloads of the crash tests see to it, too.
func TestDroppedForGood(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		d, h := disk(), newHistory()
		l, _, _ := mustOpen(t, d, small)
		for range 30 {
			if err := h.step(l, 2, journal.Synced); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.Drop(1, 3, 2); err != nil {
			t.Fatal(err)
		}
		crashed := d.Kill().Crash(seed)
		mustClose(t, l)
		l, got, _ := mustOpen(t, crashed, small)
		mustClose(t, l)
		if len(got) == 0 || got[0].pos.Segment != 4 {
			t.Fatalf("crash %d: recovered %v", seed, got)
		}
	}
}

// slowClose is a directory whose files stay open for those who read them: a read may
// begin before its segment is dropped and end when another one has the file.
type slowClose struct {
	journal.Dir
	reading func()
}

type slowFile struct {
	journal.File
	d *slowClose
}

func (d *slowClose) Open(name string) (journal.File, error) {
	f, err := d.Dir.Open(name)
	return slowFile{f, d}, err
}

func (f slowFile) Close() error { return nil }

func (f slowFile) ReadAt(b []byte, off int64) (int, error) {
	if read := f.d.reading; read != nil {
		f.d.reading = nil
		read()
	}
	return f.File.ReadAt(b, off)
}

// TestReadWhileItIsRecycled: a segment is dropped, and its file becomes another one,
// between the beginning of a read and its end.
func TestReadWhileItIsRecycled(t *testing.T) {
	t.Parallel()
	d := &slowClose{Dir: disk()}
	l, _, _ := mustOpen(t, d, small)
	defer mustClose(t, l)
	h := newHistory()
	for round := range 2 {
		for range 12 {
			if err := h.step(l, 2, journal.Synced); err != nil {
				t.Fatal(err)
			}
		}
		victim := l.Segments()[0].Number
		i := slices.IndexFunc(h.places, func(e entry) bool { return e.pos.Segment == victim })
		d.reading = func() {
			if err := h.drop(l, victim); err != nil {
				t.Fatal(err)
			}
			for range 60 {
				if err := h.step(l, 2, journal.Synced); err != nil {
					t.Fatal(err)
				}
			}
		}
		var err error
		if round == 0 {
			_, err = l.Read(nil, []journal.Span{h.places[i].span()}, func(int, []byte) error {
				return errors.New("read what is no more")
			})
		} else {
			err = l.Scan(victim, func(journal.Entry) error { return errors.New("scanned what is no more") })
		}
		if !errors.Is(err, journal.ErrDropped) {
			t.Errorf("round %d: %v", round, err)
		}
	}
}

// TestReadAmongDrops reads what is dropped and written again all the time, on a real
// file system: it finds what was appended, or that it was dropped.
func TestReadAmongDrops(t *testing.T) {
	t.Parallel()
	d := mustDir(t, filepath.Join(t.TempDir(), "log"))
	l, _, _ := mustOpen(t, d, journal.Options{SegmentSize: 8 << 10, Sync: journal.Never})
	var mu sync.Mutex
	var all []entry
	done := make(chan struct{})
	var wg sync.WaitGroup
	for reader := range uint64(3) {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(reader, 8))
			var buf []byte
			for {
				select {
				case <-done:
					return
				default:
				}
				mu.Lock()
				tail := all[max(0, len(all)-200):]
				mu.Unlock()
				if len(tail) == 0 {
					continue
				}
				e := tail[r.IntN(len(tail))]
				var err error
				buf, err = l.Read(buf, []journal.Span{e.span()}, func(_ int, body []byte) error {
					if !bytes.Equal(body, e.body) {
						return fmt.Errorf("%x, want %x", body, e.body)
					}
					return nil
				})
				if err != nil && !errors.Is(err, journal.ErrDropped) {
					t.Errorf("read %v: %v", e.pos, err)
					return
				}
				runtime.Gosched() // whoever drops has something to do, too
			}
		})
	}
	for i := range 700 {
		e := mustAppend(t, l, numbered(i), journal.Written)
		mu.Lock()
		all = append(all, e)
		mu.Unlock()
		if list := l.Segments(); len(list) > 3 && list[0].Sealed {
			if err := l.Drop(list[0].Number); err != nil {
				t.Fatal(err)
			}
		}
	}
	close(done)
	wg.Wait()
	mustClose(t, l)
}

var _ journal.Dir = (*journaltest.Disk)(nil)

// TestTheLastGroupStays: the segment in which the log ends is not dropped, though it is
// sealed: the next Open could not tell that from one that lost its end.
func TestTheLastGroupStays(t *testing.T) {
	t.Parallel()
	d, h, segment, _ := sealing(t)
	l, got, _ := mustOpen(t, d, small)
	h.resume(got)
	list := l.Segments()
	if s := list[len(list)-1]; s.Number != segment || s.Sealed || !list[0].Sealed {
		t.Fatalf("segments %+v", list)
	}
	if err := l.Drop(segment); err == nil {
		t.Fatal("the last group was dropped")
	}
	if err := h.drop(l, 1); err != nil {
		t.Fatal(err)
	}
	if err := h.step(l, 1, journal.Synced); err != nil {
		t.Fatal(err)
	}
	if err := h.drop(l, segment); err != nil {
		t.Fatal(err)
	}
	mustClose(t, l)
	if _, err := goOn(d, small, h, 3); err != nil {
		t.Fatal(err)
	}
}
