package journal_test

import (
	"bytes"
	"errors"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

// full is a log on a disk on which no more segments can be made.
func full(t *testing.T) (*journaltest.Disk, *journal.Log) {
	d := disk()
	l, _, _ := mustOpen(t, d, journal.Options{SegmentSize: 16 << 10})
	mustAppend(t, l, []byte("first"), journal.Synced)
	synctest.Wait() // three are ready
	d.Limit(0)
	return d, l
}

// TestRoomThatOthersHold: those who find all room promised wait until it is given back,
// also if the disk is full.
func TestRoomThatOthersHold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, l := full(t)
		defer mustClose(t, l)
		a, err := l.Admit(8<<10, journal.Ordinary) // of about 25 KiB, charged twice
		if err != nil {
			t.Fatal(err)
		}
		var done atomic.Bool
		go func() {
			defer done.Store(true)
			b, err := l.Admit(8<<10, journal.Ordinary)
			if err != nil {
				t.Error(err)
			}
			b.Release()
		}()
		time.Sleep(time.Hour)
		synctest.Wait()
		if done.Load() {
			t.Fatal("room was promised twice")
		}
		b, err := l.Admit(8<<10, journal.Freeing)
		if err != nil {
			t.Fatalf("urgent: %v", err)
		}
		b.Release()
		a.Release()
		synctest.Wait()
		if !done.Load() {
			t.Fatal("room that was given back was promised to nobody")
		}
		if _, err := l.Admit(15<<10, journal.Ordinary); !errors.Is(err, journal.ErrFull) {
			t.Fatalf("more than there will be: %v", err)
		}
	})
}

// TestPromisedToOthers: what nobody admitted takes nothing that was promised.
func TestPromisedToOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, l := full(t)
		defer mustClose(t, l)
		room, err := l.Admit(15<<10, journal.Clearing)
		if err != nil {
			t.Fatal(err)
		}
		refused := false
		for range 100 {
			_, _, err := l.Append(journal.Checked(make([]byte, 500), 0), journal.Reserve)
			if refused = errors.Is(err, journal.ErrFull); refused {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if !refused {
			t.Fatal("100 records without room were appended")
		}
		if _, _, err := l.Append(journal.Checked(make([]byte, 15<<10), 15<<10), journal.Written); err != nil {
			t.Fatalf("the one with room: %v", err)
		}
		room.Release()
		if _, _, err := l.Append(journal.Checked(nil, 0), journal.Reserve); err != nil {
			t.Fatalf("room is left: %v", err)
		}
	})
}

// TestAdmittedWhileStalled: a disk that has no room to overwrite does not refuse what
// was admitted; those who wait are told, and it is written when there is room.
func TestAdmittedWhileStalled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, l := full(t)
		rooms := make([]journal.Room, 2)
		for i := range rooms {
			var err error
			if rooms[i], err = l.Admit(10, journal.Ordinary); err != nil {
				t.Fatal(err)
			}
		}
		d.Before(func(_ int, op journaltest.Op, _ string) error {
			if op == journaltest.Write {
				return syscall.ENOSPC
			}
			return nil
		})
		for _, room := range rooms {
			p, ticket, err := l.Append(journal.Checked([]byte("admitted"), 0), journal.Synced)
			room.Release()
			if err != nil {
				t.Fatal(err)
			}
			if err := l.Wait(ticket); !errors.Is(err, journal.ErrFull) {
				t.Fatalf("wait: %v", err)
			}
			if err := l.Await(p); !errors.Is(err, journal.ErrFull) {
				t.Fatalf("await: %v", err)
			}
		}
		if _, err := l.Admit(1, journal.Urgent); !errors.Is(err, journal.ErrFull) {
			t.Fatalf("admit: %v", err)
		}
		if _, _, err := l.Append(journal.Checked(nil, 0), journal.Reserve); !errors.Is(err, journal.ErrFull) {
			t.Fatalf("append without room: %v", err)
		}
		d.Before(nil)
		time.Sleep(time.Second)
		mustAppend(t, l, []byte("last"), journal.Synced)
		mustClose(t, l)
		l, got, _ := mustOpen(t, d, journal.Options{SegmentSize: 16 << 10})
		defer mustClose(t, l)
		if len(got) != 4 || !bytes.Equal(got[1].body, got[2].body) || string(got[2].body) != "admitted" {
			t.Fatalf("recovered %v", got)
		}
	})
}

func TestAdmitRefuses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, l := full(t)
		for _, n := range []int64{1 << 20, 1<<63 - 1} {
			if _, err := l.Admit(n, journal.Urgent); !errors.Is(err, journal.ErrTooLong) {
				t.Errorf("%d bytes: %v", n, err)
			}
		}
		room, err := l.Admit(-1, journal.Ordinary)
		if err != nil {
			t.Errorf("less than nothing: %v", err)
		}
		all, err := l.Admit(8<<10, journal.Ordinary)
		if err != nil {
			t.Fatal(err)
		}
		told := make(chan error, 1)
		go func() {
			_, err := l.Admit(8<<10, journal.Ordinary)
			told <- err
		}()
		synctest.Wait()
		mustClose(t, l)
		if err := <-told; !errors.Is(err, journal.ErrClosed) {
			t.Errorf("while it is closed: %v", err)
		}
		if _, err := l.Admit(1, journal.Urgent); !errors.Is(err, journal.ErrClosed) {
			t.Errorf("afterwards: %v", err)
		}
		room.Release()
		all.Release()
		journal.Room{}.Release()
	})
}
