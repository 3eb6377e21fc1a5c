package engine

import (
	"fmt"
	"testing"
	"time"
)

// What handles, ids and receives of before a recovery mean after it.

// TestHandleOfBefore: a handle from before a recovery is good for 12 hours, the last
// nanosecond included, and has expired then as long as its message exists.
func TestHandleOfBefore(t *testing.T) {
	t.Parallel()
	r, q := small(t, "c")
	for range 40 {
		r.sendTo(q, Message{})
	}
	var handles []Handle
	for range 40 {
		handles = append(handles, r.take(q, ""))
	}
	for i := range handles {
		handles[i].Slot = 0 // slots may be other ones after recovery
	}
	r.recovered()
	q = r.e.Lookup(q.Name)
	r.now += int64(MaxVisibility)
	if v := q.Messages.Delete(r.now, handles[25]); v != Done || q.Messages.Counts(r.now).Visible != 39 {
		t.Errorf("delete: %d, and %+v", v, q.Messages.Counts(r.now))
	}
	r.now++
	if v := q.Messages.Delete(r.now, handles[30]); v != Expired {
		t.Errorf("delete by a handle of more than 12 hours ago: %d", v)
	}
	if v := q.Messages.Delete(r.now, handles[25]); v != Gone {
		t.Errorf("delete of what is gone: %d", v)
	}
}

// TestHandleOfLostReceive: power fails before a receive is on the disk. On a standard
// queue its handle is one of the message's all the same, also once the message was
// received again; on FIFO it has expired.
func TestHandleOfLostReceive(t *testing.T) {
	t.Parallel()
	for _, again := range []bool{false, true} {
		for name, want := range map[string]Verdict{"c": Done, "c.fifo": Expired} {
			if again && want == Expired { // the new receive has the number of the lost one
				continue
			}
			r, q := small(t, name)
			for i := range 40 {
				r.sendTo(q, Message{Group: map[bool]string{true: fmt.Sprint(i)}[q.Config.FIFO], Dedup: fmt.Sprint(i)})
			}
			kept := r.log.count
			var lost []Handle
			for range 40 {
				lost = append(lost, r.take(q, ""))
			}
			r.log = r.log.torn(kept)
			r.e = r.log.open(t, r.now, 50, true)
			q = r.e.Lookup(q.Name)
			for range 10 {
				if again {
					r.now += 1e9
					r.take(q, "")
				}
			}
			lost[7].Slot = 1 // whichever it was, another message may have it now
			left := map[Verdict]int{Done: 39, Expired: 40}[want]
			v := q.Messages.Delete(r.now, lost[7])
			if c := q.Messages.Counts(r.now); v != want || c.Visible+c.InFlight != left {
				t.Errorf("%s, received again %v: delete by the lost handle: %d, and %+v", name, again, v, c)
			}
			if v := q.Messages.ChangeVisibility(r.now, lost[3], time.Minute); v != want {
				t.Errorf("%s, received again %v: change by the lost handle: %d", name, again, v)
			}
			if err := r.e.Check(); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestMovesEndReceive: a receive that has moved as many messages away as one may hands
// out no more, also where the next message of the group was received less often than
// those behind it: that of the others alone was on the disk when power failed.
func TestMovesEndReceive(t *testing.T) {
	t.Parallel()
	r, q := small(t, "b.fifo")
	r.sendTo(q, Message{Group: "g", Dedup: "first"})
	for i := range 60 {
		r.sendTo(q, Message{Group: "g", Dedup: fmt.Sprint(i)})
	}
	r.log.refuse = func(k Kind) bool { return k == KindReceive }
	s := q.Messages.(*store)
	s.set.MaxInFlight = 120
	var b Batch
	q.Messages.Receive(r.now, Receive{Max: 61, Visibility: time.Minute}, nil, &b)
	r.log.refuse = nil
	for _, d := range b.Deliveries[1:] {
		q.Messages.Release(r.now, d.Handle)
	}
	r.now += 1e9
	r.sendTo(q, Message{Group: "h", Dedup: "other"})
	r.log = r.log.torn(r.log.count)
	r.e = r.log.open(t, r.now, 50, true)
	q = r.e.Lookup(q.Name)
	dead := r.e.Lookup(q.Config.Redrive.Target).Messages
	b.Reset()
	q.Messages.Receive(r.now, Receive{Max: 10, Visibility: time.Minute}, dead, &b)
	moved := dead.Counts(r.now).Visible
	if len(b.Deliveries) != 1 || b.Deliveries[0].Handle.Seq != 1 || moved != maxMoves {
		t.Errorf("received %+v, %d were moved", b.Deliveries, moved)
	}
	b.Reset()
	q.Messages.Receive(r.now, Receive{Max: 10, Visibility: time.Minute}, dead, &b)
	if len(b.Deliveries) != 1 || b.Deliveries[0].Handle.Seq != 62 {
		t.Errorf("then received %+v", b.Deliveries)
	}
	if err := r.e.Check(); err != nil {
		t.Error(err)
	}
}

// TestHandleOfDelayed: power fails, and with the clock gone back the message is still
// delayed that was received already. Its handle is good.
func TestHandleOfDelayed(t *testing.T) {
	t.Parallel()
	for to, want := range map[time.Duration]Counts{0: {Visible: 1}, time.Minute: {InFlight: 1}} {
		r, q := small(t, "c")
		q.Messages.Send(r.now, &Message{MD5: [16]byte{15: 15}, Delay: 20 * time.Second})
		kept, sent := r.log.count, r.now
		r.now += 20e9
		h := r.take(q, "")
		r.log, r.now = r.log.torn(kept), sent+1
		r.e = r.log.open(t, r.now, 50, true)
		q = r.e.Lookup(q.Name)
		if v := q.Messages.ChangeVisibility(r.now, h, to); v != Done || q.Messages.Counts(r.now) != want {
			t.Errorf("change to %v: %d, and %+v", to, v, q.Messages.Counts(r.now))
		}
		if err := r.e.Check(); err != nil {
			t.Error(err)
		}
		r.recovered()
		if got := r.e.Lookup(q.Name).Messages.Counts(r.now); got != want {
			t.Errorf("change to %v, recovered: %+v", to, got)
		}
	}
}
