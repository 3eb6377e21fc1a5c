package worker

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

// place says what of a keyring is where, for the model and for the real one.
func (k *keyring) place(m *Message) string {
	l := k.lines[k.keys[m]]
	switch {
	case l == nil:
		return "outside"
	case slices.Contains(l.waiting, m):
		return fmt.Sprint("waiting ", slices.Index(l.waiting, m))
	}
	if _, ok := l.placed[m]; ok {
		return "placed"
	}
	return "lost"
}

// The keyring against a plain list of arrivals, of which the first of each key
// are those with places.
func TestKeyringAgainstAList(t *testing.T) {
	t.Parallel()
	const limit, keys = 3, 4
	r := rand.New(rand.NewPCG(1, 2))
	ring := newKeyring(limit)
	var placed, waiting [keys][]*Message
	var inside, left []*Message
	for range 10_000 {
		if len(inside) < 40 && r.IntN(2) == 0 {
			m, k := new(Message), r.IntN(keys)
			inside = append(inside, m)
			want := len(placed[k]) < limit
			if want {
				placed[k] = append(placed[k], m)
			} else {
				waiting[k] = append(waiting[k], m)
			}
			if got := ring.enter(fmt.Sprint(k), m); got != want {
				t.Fatalf("enter = %v with %d placed, want %v", got, len(placed[k]), want)
			}
		} else if len(inside) > 0 {
			i := r.IntN(len(inside))
			m := inside[i]
			inside, left = slices.Delete(inside, i, i+1), append(left, m)
			var want *Message
			for k := range keys {
				if j := slices.Index(waiting[k], m); j >= 0 {
					waiting[k] = slices.Delete(waiting[k], j, j+1)
				}
				if j := slices.Index(placed[k], m); j >= 0 {
					placed[k] = slices.Delete(placed[k], j, j+1)
					if len(waiting[k]) > 0 {
						want = waiting[k][0]
						waiting[k] = slices.Delete(waiting[k], 0, 1)
						placed[k] = append(placed[k], want)
					}
				}
			}
			if got := ring.leave(m); got != want {
				t.Fatalf("leave gives the place to %p, want %p", got, want)
			}
			if got := ring.leave(left[r.IntN(len(left))]); got != nil {
				t.Fatal("a message that has left has left a place a second time")
			}
		}
		for k := range keys {
			for _, m := range placed[k] {
				if got := ring.place(m); got != "placed" {
					t.Fatalf("%s, want placed", got)
				}
			}
			for i, m := range waiting[k] {
				if got, want := ring.place(m), fmt.Sprint("waiting ", i); got != want {
					t.Fatalf("%s, want %s", got, want)
				}
			}
			if l, used := ring.lines[fmt.Sprint(k)], len(placed[k]) > 0; (l != nil) != used {
				t.Fatalf("a line is kept: %v, with %d messages", l != nil, len(placed[k]))
			}
		}
		if len(ring.keys) != len(inside) {
			t.Fatalf("%d messages are kept, want %d", len(ring.keys), len(inside))
		}
	}
}

// perKeyDriver plays the core's part in front of a keyed gate.
type perKeyDriver struct {
	gate keyed
	wg   sync.WaitGroup

	mu      sync.Mutex
	running map[string]int
	most    int
	order   map[string][]string // message ids by key, as they started
	gone    map[*Message]bool   // given back
}

func newPerKeyDriver(g Gate) *perKeyDriver {
	return &perKeyDriver{
		gate: g.(keyed), running: make(map[string]int),
		order: make(map[string][]string), gone: make(map[*Message]bool),
	}
}

func (d *perKeyDriver) receive(m *Message) {
	d.wg.Add(1)
	if d.gate.admit(m, d.start) {
		d.start(m)
	}
}

// start handles m, unless it was given back.
func (d *perKeyDriver) start(m *Message) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gone[m] {
		return
	}
	d.running[m.Group]++
	d.most = max(d.most, d.running[m.Group])
	d.order[m.Group] = append(d.order[m.Group], m.ID)
	d.gone[m] = true
	go d.handle(m)
}

func (d *perKeyDriver) handle(m *Message) {
	time.Sleep(rand.N(time.Second))
	d.mu.Lock()
	d.running[m.Group]--
	d.mu.Unlock()
	d.gate.Done(m, nil)
	d.wg.Done()
}

// giveBack gives m back if it has not started.
func (d *perKeyDriver) giveBack(m *Message) {
	d.mu.Lock()
	started := d.gone[m]
	d.gone[m] = true
	d.mu.Unlock()
	if !started {
		d.gate.forget(m)
		d.wg.Done()
	}
}

func TestPerKeyLimitsWhatRuns(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d := newPerKeyDriver(PerKey(2, func(m *Message) string { return m.Group }))
		var receivers sync.WaitGroup
		for range 4 {
			receivers.Go(func() {
				for i := range 200 {
					m := &Message{ID: fmt.Sprint(i), Group: fmt.Sprint("tenant ", i%7)}
					d.receive(m)
					time.Sleep(rand.N(100 * time.Millisecond))
					if i%5 == 0 {
						d.giveBack(m)
					}
				}
			})
		}
		receivers.Wait()
		d.wg.Wait()
		if d.most != 2 {
			t.Errorf("%d messages of one key at once, want 2", d.most)
		}
		started := 0
		for _, ids := range d.order {
			started += len(ids)
		}
		if started < 4*160 {
			t.Errorf("%d messages were handled, want those 640 that were not given back, and perhaps more", started)
		}
		g := d.gate.(*perKey)
		if n := len(g.starts) + len(g.ring.keys) + len(g.ring.lines); n != 0 {
			t.Errorf("%d things are remembered when nothing is left, want 0", n)
		}
	})
}

func TestPerKeyKeepsTheOrderOfAKey(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d := newPerKeyDriver(PerKey(1, func(m *Message) string { return m.Group }))
		var want []string
		for i := range 100 {
			m := &Message{ID: fmt.Sprint(i), Group: "a"}
			if d.receive(m); i%10 == 5 {
				d.giveBack(m)
			} else {
				want = append(want, m.ID)
			}
		}
		d.wg.Wait()
		if got := d.order["a"]; !slices.Equal(got, want) {
			t.Errorf("started in the order %v, want %v", got, want)
		}
	})
}

func TestPerKeyWithoutAKey(t *testing.T) {
	t.Parallel()
	g := PerKey(1, func(m *Message) string { return m.Group[:1] }).(keyed) // panics if there is none
	for range 10 {
		m := new(Message)
		if !g.admit(m, nil) {
			t.Fatal("a message for which the key function panics has to wait, want no limit for it")
		}
		g.Done(m, nil)
	}
	none := PerKey(1, func(m *Message) string { return "" }).(keyed)
	for range 10 {
		if !none.admit(new(Message), nil) {
			t.Fatal("a message without a key has to wait, want no limit for it")
		}
	}
}

func TestPerKeyHoldsNoReceiveBack(t *testing.T) {
	t.Parallel()
	g := PerKey(1, func(*Message) string { return "a" }).(keyed)
	for range 10 {
		g.admit(new(Message), nil)
	}
	if n, err := g.Take(context.Background(), 10); n != 10 || err != nil {
		t.Errorf("Take = %d, %v, want 10", n, err)
	}
}
