package journal_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

// TestSeal ends the segment that is written to, on a disk that has no room for another.
func TestSeal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, l := full(t)
		first := l.Segments()[0].Number
		if err := l.Drop(first); err == nil {
			t.Fatal("a segment that is written to was dropped")
		}
		for range 2 { // the second time it is another that is written to
			if err := l.Seal(first); err != nil {
				t.Fatal(err)
			}
		}
		room, err := l.Admit(10, journal.Freeing)
		if err != nil {
			t.Fatal(err)
		}
		p, ticket, err := l.Append(journal.Checked([]byte("second"), 0), journal.Synced)
		if err == nil {
			err = l.Wait(ticket)
		}
		if err != nil || p.Segment != first+1 {
			t.Fatalf("at %v: %v", p, err)
		}
		room.Release()
		if err := l.Drop(first); err != nil {
			t.Fatal(err)
		}
		mustClose(t, l)
		l, got, _ := mustOpen(t, d, journal.Options{SegmentSize: 16 << 10})
		defer mustClose(t, l)
		if len(got) != 1 || string(got[0].body) != "second" {
			t.Fatalf("recovered %v", got)
		}
	})
}

// TestSealTakesNoPromisedRoom: what is left of a segment may have been promised.
func TestSealTakesNoPromisedRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, l := full(t)
		defer mustClose(t, l)
		var rooms []journal.Room
		for {
			room, err := l.Admit(10, journal.Clearing)
			if err != nil {
				t.Fatal(err)
			}
			if rooms = append(rooms, room); len(rooms) == 18 { // of 2,200 bytes, in about 50,000
				break
			}
		}
		if err := l.Seal(l.Segments()[0].Number); !errors.Is(err, journal.ErrFull) {
			t.Errorf("sealed: %v", err)
		}
		for _, room := range rooms {
			room.Release()
		}
		if err := l.Seal(l.Segments()[0].Number); err != nil {
			t.Error(err)
		}
	})
}

// TestNothingBehindTheSealed: the process ends when what was sealed is dropped and nothing
// was appended since.
func TestNothingBehindTheSealed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, l := full(t)
		first := l.Segments()[0].Number
		if err := l.Seal(first); err != nil {
			t.Fatal(err)
		}
		if err := l.Drop(first); err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // nobody writes
		for _, left := range []*journaltest.Disk{d.Kill(), d.Clone().Crash(1), d.Clone().Crash(2)} {
			l, got, _, err := reopen(left, journal.Options{SegmentSize: 16 << 10})
			if err != nil || len(got) != 0 {
				t.Fatalf("recovered %v, %v", got, err)
			}
			mustClose(t, l)
		}
		mustClose(t, l)
	})
}
