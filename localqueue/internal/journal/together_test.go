package journal_test

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// TestManyAtOnce appends, reads, drops and syncs from many goroutines, and finds
// each one's records in its order afterwards.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	const callers, each = 16, 300
	d := disk()
	o := journal.Options{SegmentSize: 8 << 10}
	l, _, _ := mustOpen(t, d, o)
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for i := range each {
				body := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, uint32(c)), uint32(i))
				body = append(body, make([]byte, (c*31+i)%90)...)
				p, ticket, err := add(l, body, journal.Mode(i%2)*journal.Synced)
				if err == nil {
					err = l.Wait(ticket)
				}
				if err == nil {
					e := entry{p, body}
					_, err = l.Read(nil, []journal.Span{e.span()}, func(_ int, got []byte) error {
						if string(got) != string(body) {
							return fmt.Errorf("read %x, want %x", got, body)
						}
						return nil
					})
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Go(func() {
		for range 20 {
			if err := l.Sync(); err != nil {
				t.Error(err)
			}
			_ = l.Drop(1 << 20) // there is none
		}
	})
	wg.Wait()
	mustClose(t, l)
	l, got, _ := mustOpen(t, d, o)
	defer mustClose(t, l)
	var next [callers]uint32
	for _, e := range got {
		c, i := binary.LittleEndian.Uint32(e.body), binary.LittleEndian.Uint32(e.body[4:])
		if next[c] != i {
			t.Fatalf("caller %d: record %d, want %d", c, i, next[c])
		}
		next[c]++
	}
	for c, n := range next {
		if n != each {
			t.Errorf("caller %d: %d records, want %d", c, n, each)
		}
	}
}

// TestCrashAmongMany crashes while many append, some of which wait for syncs and some do
// not: what each was acknowledged as synced is there, and everything before it.
func TestCrashAmongMany(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		const callers = 8
		d := disk()
		o := journal.Options{SegmentSize: 8 << 10}
		l, _, _ := mustOpen(t, d, o)
		d.During(func(string) { // long enough for something to be written meanwhile
			for range 20 {
				runtime.Gosched()
			}
		})
		var mu sync.Mutex
		var acked [callers]uint32
		var wg sync.WaitGroup
		stop := make(chan struct{})
		for c := range callers {
			wg.Go(func() {
				for i := uint32(0); ; i++ {
					select {
					case <-stop:
						return
					default:
					}
					body := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, uint32(c)), i)
					mode := journal.Mode((uint32(c)+i)%3) / 2 * journal.Synced
					_, ticket, err := add(l, body, mode)
					if err == nil {
						err = l.Wait(ticket)
					}
					if err != nil {
						t.Error(err)
						return
					}
					if mode == journal.Synced {
						mu.Lock()
						acked[c] = i + 1
						mu.Unlock()
					}
				}
			})
		}
		for range 5 {
			mu.Lock()
			promised := acked
			mu.Unlock()
			after, got, _, err := reopen(d.Kill().Crash(seed), o)
			if err != nil {
				t.Fatal(err)
			}
			mustClose(t, after)
			var next [callers]uint32
			for _, e := range got {
				c, i := binary.LittleEndian.Uint32(e.body), binary.LittleEndian.Uint32(e.body[4:])
				if next[c] != i {
					t.Fatalf("caller %d: record %d, want %d", c, i, next[c])
				}
				next[c]++
			}
			for c := range next {
				if next[c] < promised[c] {
					t.Fatalf("caller %d: %d records, %d were acknowledged", c, next[c], promised[c])
				}
			}
		}
		close(stop)
		wg.Wait()
		mustClose(t, l)
	}
}
