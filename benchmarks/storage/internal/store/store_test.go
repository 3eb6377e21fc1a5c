package store

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

// small is the size of segments here.
const small = 2 << 20

// Every kind keeps what is put through closing and opening, hands each message out once, and forgets
// what is dropped.
func TestStores(t *testing.T) {
	t.Parallel()
	for _, kind := range Compared {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "data")
			s := reopened(t, nil, kind, dir, 0)
			c, other := s.Caller(), s.Caller()
			move(t, "put 1", c.Put(1))
			move(t, "put 10", other.Put(10))
			if n, err := c.Take(3); n != 3 || err != nil {
				t.Fatalf("took %d of 3, %v", n, err)
			}
			if n, err := other.Take(10); n != 8 || err != nil {
				t.Fatalf("took %d of the 8 that are left, %v", n, err)
			}
			if n, err := s.Caller().Take(1); n != 0 || err != nil {
				t.Fatalf("took %d of none, %v", n, err)
			}
			move(t, "drop 3", c.Drop())
			move(t, "put 2", c.Put(2))
			s = reopened(t, s, kind, dir, 10)
			want := 10
			if kind == Quayside { // which remembers that 8 of them are in flight
				want = 2
			}
			c = s.Caller()
			if n, err := c.Take(10); n != want || err != nil {
				t.Fatalf("took %d of %d after opening, %v", n, want, err)
			}
			move(t, "drop", c.Drop())
			s = reopened(t, s, kind, dir, 10-want)
			move(t, "close", s.Close())
		})
	}
}

func move(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// reopened closes a store, if there is one, and opens one that has to find so many messages.
func reopened(t *testing.T, s Store, kind, dir string, want int) Store {
	t.Helper()
	if s != nil {
		move(t, "close", s.Close())
	}
	s, err := Open(kind, dir, small)
	move(t, "open", err)
	if got, _ := s.Found(); got != want {
		t.Fatalf("%d messages are found, want %d", got, want)
	}
	return s
}

// Callers at once: nothing is handed out twice or lost, whoever shares a commit.
func TestTogether(t *testing.T) {
	t.Parallel()
	for _, kind := range Compared {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := reopened(t, nil, kind, filepath.Join(t.TempDir(), "data"), 0)
			defer s.Close()
			if e, ok := s.(Expecting); ok {
				e.Expect(8)
			}
			taken := make([]int, 8)
			var wg sync.WaitGroup
			for i := range taken {
				c := s.Caller()
				wg.Go(func() {
					for range 20 {
						n, err := 0, c.Put(10)
						if err == nil {
							n, err = c.Take(7)
						}
						if err == nil {
							err = c.Drop()
						}
						if err != nil {
							t.Error(err)
							return
						}
						taken[i] += n
					}
				})
			}
			wg.Wait()
			sum, left, c := 0, 0, s.Caller()
			for _, n := range taken {
				sum += n
			}
			for {
				n, err := c.Take(10)
				if move(t, "take", err); n == 0 {
					break
				}
				left += n
				move(t, "drop", c.Drop())
			}
			if sum != 8*20*7 || left != 8*20*3 {
				t.Errorf("%d were taken and %d left, want %d and %d", sum, left, 8*20*7, 8*20*3)
			}
		})
	}
}

func TestRaw(t *testing.T) {
	t.Parallel()
	s, err := Open(Raw, filepath.Join(t.TempDir(), "data"), small)
	move(t, "open", err)
	defer s.Close()
	r := s.(*raw)
	c := s.Caller()
	r.at = small - 1024
	move(t, "put", c.Put(1))
	if r.at != small {
		t.Errorf("after the last kilobyte the position is %d", r.at)
	}
	move(t, "put", c.Put(10))
	if r.at != 10*BodySize {
		t.Errorf("the file did not begin again: the position is %d", r.at)
	}
	if info, err := r.file.Stat(); err != nil || info.Size() != small {
		t.Errorf("the file changed its size: %v, %v", info, err)
	}
}

func TestOpenFails(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	move(t, "write a file", os.WriteFile(file, nil, 0o600))
	for _, kind := range append([]string{Raw, "floppy"}, Compared...) {
		if s, err := Open(kind, filepath.Join(file, "data"), small); err == nil || !strings.Contains(err.Error(), kind) {
			t.Errorf("%s: got %v, %v", kind, s, err)
		}
	}
}

// fakeKV counts commits, each of which waits to be let through.
type fakeKV struct {
	gate    chan error
	commits []int // changes of each, by puts
}

func (f *fakeKV) commit(c *change) error {
	err := <-f.gate
	f.commits = append(f.commits, len(c.puts))
	return err
}
func (f *fakeKV) get([]byte, uint64) ([]byte, error) { return nil, io.EOF }
func (f *fakeKV) each(func(uint64)) error            { return nil }
func (f *fakeKV) close() error                       { return nil }

// What comes while a commit is under way shares the next, and its error.
func TestGroup(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fakeKV{gate: make(chan error)}
		s, err := newQueue(grouped(f, nil))
		move(t, "open", err)
		failed := errors.New("the disk is gone")
		results := make(chan error, 4)
		for n := range 4 {
			c := s.Caller()
			go func() { results <- c.Put(n + 1) }()
			synctest.Wait() // the first is being committed, the others wait for it
		}
		f.gate <- nil
		if err := <-results; err != nil {
			t.Errorf("the first: %v", err)
		}
		f.gate <- failed
		for range 3 {
			if err := <-results; !errors.Is(err, failed) {
				t.Errorf("one of the second group: %v", err)
			}
		}
		if left := len(s.(*queue).ids); left != 1 {
			t.Errorf("%d messages can be taken, want the one that was committed", left)
		}
		move(t, "close", s.Close())
		if !slices.Equal(f.commits, []int{1, 9}) {
			t.Errorf("commits had %v messages, want 1 and 9", f.commits)
		}
	})
}

func TestQueueOrder(t *testing.T) {
	t.Parallel()
	q := &queue{}
	next, want := uint64(0), uint64(0)
	for round := range 3000 {
		var puts []entry
		for range 2 + round%3 {
			next++
			puts = append(puts, entry{id: next})
		}
		q.arrive(puts)
		for _, id := range q.leave(nil, 3) {
			if want++; id != want {
				t.Fatalf("message %d came when it was the turn of %d", id, want)
			}
		}
	}
	if left := q.leave(nil, 10000); len(left) != int(next-want) {
		t.Errorf("%d are left, want %d", len(left), next-want)
	}
	if cap(q.ids) > 10000 {
		t.Errorf("the list grew to %d", cap(q.ids))
	}
}

// The bodies of a batch are no repetition of each other.
func TestBodies(t *testing.T) {
	t.Parallel()
	b := newBodies()
	a, c := b.text(), string(b.bytes())
	if len(a) != BodySize || len(c) != BodySize || a == c {
		t.Errorf("bodies %.20q and %.20q of %d and %d bytes", a, c, len(a), len(c))
	}
	seen := map[string]bool{}
	for i := 0; i+8 <= len(a); i++ {
		if w := a[i : i+8]; seen[w] {
			t.Fatalf("%q is in one body twice", w)
		} else {
			seen[w] = true
		}
	}
}
