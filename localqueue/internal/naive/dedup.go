package naive

import (
	"slices"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// dedup remembers the sends that a FIFO queue accepted within DedupWindow.
type dedup struct {
	byID      map[string][]accepted // by deduplication id, oldest first
	order     []accepted            // all, oldest first
	perGroup  bool                  // the scope in force
	rescopeAt engine.Time           // when the other one comes into force
}

type accepted struct {
	at        engine.Time
	group, id string
	seq       uint64
}

func newDedup() dedup { return dedup{byID: map[string][]accepted{}, rescopeAt: engine.Never} }

// find returns the sequence number of the send that one with id to group would
// duplicate. Several have the same id after the scope was a group: the latest.
func (d *dedup) find(group, id string) (seq uint64, ok bool) {
	for _, a := range slices.Backward(d.byID[id]) {
		if !d.perGroup || a.group == group {
			return a.seq, true
		}
	}
	return 0, false
}

// accept remembers a send; one without an id duplicates nothing.
func (d *dedup) accept(now engine.Time, group, id string, seq uint64) {
	if id == "" {
		return
	}
	a := accepted{now, group, id, seq}
	d.order = append(d.order, a)
	d.byID[id] = append(d.byID[id], a)
}

// rescope lets perGroup come into force at a later instant. The scope in force
// stays if it is that already: a change to come is called off.
func (d *dedup) rescope(at engine.Time, perGroup bool) {
	if perGroup == d.perGroup {
		at = engine.Never
	}
	d.rescopeAt = at
}

// advance forgets the sends whose window is over and changes the scope when due.
func (d *dedup) advance(now engine.Time) {
	for len(d.order) > 0 && now >= after(d.order[0].at, engine.DedupWindow) {
		id := d.order[0].id
		d.order = d.order[1:]
		if d.byID[id] = d.byID[id][1:]; len(d.byID[id]) == 0 {
			delete(d.byID, id)
		}
	}
	if now >= d.rescopeAt {
		d.perGroup, d.rescopeAt = !d.perGroup, engine.Never
	}
}

// clear forgets all sends.
func (d *dedup) clear() {
	clear(d.byID)
	d.order = slices.Delete(d.order, 0, len(d.order))
}
