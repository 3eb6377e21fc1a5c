package engine

import (
	"fmt"
	"testing"
	"time"
)

// TestDuplicateOfBefore: a duplicate within five minutes is one also after a recovery,
// whatever the clock says then, and where its segment was emptied.
func TestDuplicateOfBefore(t *testing.T) {
	t.Parallel()
	for _, emptied := range []bool{false, true} {
		for _, clock := range []time.Duration{0, -time.Hour, -time.Nanosecond} {
			r, q := small(t, "c.fifo")
			first := r.sendTo(q, Message{Group: "a", Dedup: "1"})
			sent := r.turn()
			q.Messages.Delete(r.now, r.take(q, "x"))
			r.turn()
			r.now += int64(DedupWindow) - 1
			r.sendTo(q, Message{Group: "a", Dedup: "2"})
			if emptied {
				r.empties(sent)
				r.turn()
			}
			r.log = r.log.torn(r.log.count)
			r.e = r.log.open(t, r.now+int64(clock), 50, true)
			q = r.e.Lookup(q.Name)
			m := Message{Group: "a", Dedup: "1"}
			if got := q.Messages.Send(r.now+int64(clock), &m); !got.Duplicate || got.Seq != first {
				t.Errorf("emptied %v, clock %v: within 5 minutes: %+v", emptied, clock, got)
			}
			if got := q.Messages.Send(r.now+1, &m); got.Duplicate {
				t.Errorf("emptied %v, clock %v: after 5 minutes: %+v", emptied, clock, got)
			}
		}
	}
}

// TestRecoveryForgets: of ids and attempts recovery holds those of five minutes, not
// all that are in the log, and none that were over as it began.
func TestRecoveryForgets(t *testing.T) {
	t.Parallel()
	r, q := small(t, "c.fifo")
	const pace = int64(time.Second)
	for i := range 2000 {
		r.now += pace
		r.sendTo(q, Message{Group: fmt.Sprint(i), Dedup: fmt.Sprint(i)})
		q.Messages.Delete(r.now, r.take(q, fmt.Sprint(i)))
	}
	for later, most := range map[time.Duration]int{0: int(int64(DedupWindow) / pace), DedupWindow: 0} {
		e := New([16]byte{9}, NewMessages, 50)
		e.SetLogs(func(uint32) Log { return r.log })
		e.Began = r.now + int64(later)
		if most > 0 {
			e.Began = 0
		}
		ids, attempts := 0, 0
		for _, n := range r.log.numbers() {
			for _, x := range r.log.sheets[n].records {
				if err := e.Replay(x.at, x.text[:x.head]); err != nil {
					t.Fatal(err)
				}
				if s := e.replicas[q.Number]; s != nil {
					ids, attempts = max(ids, s.dedup.queue.len()), max(attempts, len(s.attempts.queue))
				}
			}
		}
		if ids != most || attempts != most {
			t.Errorf("%v after the last record recovery held %d ids and %d attempts, want %d", later, ids, attempts, most)
		}
	}
}

// TestIdsGoRound: numbers of entries begin anew, chains of old ones end.
func TestIdsGoRound(t *testing.T) {
	t.Parallel()
	var d dedup
	d.init()
	d.queue.first = 1<<32 - 100
	d.queue.next = d.queue.first
	now := Time(0)
	for i := range 5000 {
		now += int64(time.Second)
		d.expire(now, func(uint32) {})
		e := d.entry("g", fmt.Sprint(i))
		if _, ok := d.find(&e); ok {
			t.Fatalf("id %d is known before it was accepted", i)
		}
		e.seq, e.at = uint64(i), now
		d.add(e)
		for _, k := range []int{i, i - 150, i - 299, i - 300, i - 2000} {
			e := d.entry("g", fmt.Sprint(k))
			if seq, ok := d.find(&e); ok != (k >= 0 && k > i-300) || ok && seq != uint64(k) {
				t.Fatalf("after id %d, %d is known: %v, of message %d", i, k, ok, seq)
			}
		}
	}
	if n := len(d.queue.chunks); n > 300/dedupChunk+2 || len(d.heads) > 1024 {
		t.Errorf("300 ids take %d chunks and %d heads", n, len(d.heads))
	}
}
