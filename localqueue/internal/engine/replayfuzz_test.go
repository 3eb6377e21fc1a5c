package engine

import (
	"encoding/binary"
	"runtime"
	"testing"
)

// packed is what is on paper, one record behind the other.
func packed(p *paper) (b []byte) {
	for _, n := range p.numbers() {
		for _, r := range p.sheets[n].records {
			b = appendText(b, r.text[:r.head])
		}
	}
	return b
}

// FuzzReplay replays any records and puts the state into order, if none is refused.
// That costs no memory beyond what the records say. (That they are as they were
// written is for the checksum of whoever keeps them to say.)
func FuzzReplay(f *testing.F) {
	for seed := range uint64(4) {
		r := newRun(f, seed)
		for range 12 {
			r.step()
			r.cleanNow()
			r.log.drop(r.rnd)
		}
		b := packed(r.log)
		f.Add(b)
		f.Add(b[len(b)/2:])
	}
	const never = "H\x06\x01\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01{\"name\":{\"Queue\":\"q\"},\"config\":{\"FIFO\":false,\"Retention\":1}}" // when the queue was made
	f.Add([]byte(never))
	f.Add([]byte(never + "\b\x01\x01\n\x01\x00\x01g\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 64<<10 {
			return
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		e := New([16]byte{1}, NewMessages, 50)
		p := newPaper()
		e.SetLogs(func(uint32) Log { return p })
		if replayAll(e, b) {
			_ = e.Recovered(1e18, func(segment uint32) bool { return segment < 1<<20 }) // either will do
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 8<<20+1<<12*uint64(len(b)) {
			t.Errorf("%d bytes of records took %d of memory", len(b), n)
		}
	})
}

// replayAll replays records; false: one was refused.
func replayAll(e *Engine, b []byte) bool {
	for at := (Place{1, 32, 0}); len(b) > 0; at.Offset += at.Length {
		n, k := binary.Uvarint(b)
		if k <= 0 || n > uint64(len(b)-k) {
			return true
		}
		at.Length = uint32(n) + 1
		if e.Replay(at, b[k:k+int(n)]) != nil {
			return false
		}
		if b = b[k+int(n):]; at.Offset > 1000 {
			at.Segment, at.Offset = at.Segment+1, 32
		}
	}
	return true
}
