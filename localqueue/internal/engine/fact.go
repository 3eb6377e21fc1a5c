package engine

import "encoding/binary"

// fact is what is known of a message, as records carry it.
type fact struct {
	seq      uint64
	flags    uint8
	receives uint32
	first    uint32
	due      Time

	home  Place // what follows only of one that says everything
	sent  Time
	group []byte
	arrival
}

// factOf is what is known of m; copied: everything, since its content is told with it.
func (s *store) factOf(m *slot, copied bool) fact {
	f := fact{seq: m.seq, flags: m.flags & factFlags, receives: m.receives, first: m.first, due: m.due}
	if copied || f.flags&flagAway != 0 {
		f.home, f.sent = m.home(), m.sent
		if m.group != 0 {
			f.group = s.groups.name(m.group)
		}
		if f.flags&flagMoved != 0 {
			f.arrival = s.moved[m.seq]
		}
	}
	return f
}

// factFlags are the flags that records carry.
const factFlags = flagChanged | flagMoved | flagAway

func (f *fact) append(b []byte, now Time, copied bool) []byte {
	b = binary.AppendUvarint(b, f.seq)
	b = append(b, f.flags)
	b = binary.AppendUvarint(b, uint64(f.receives))
	b = binary.AppendUvarint(b, uint64(f.first))
	b = binary.AppendVarint(b, f.due-now)
	if !copied && f.flags&flagAway == 0 {
		return b
	}
	b = binary.AppendUvarint(b, uint64(f.home.Segment))
	b = binary.AppendUvarint(b, uint64(f.home.Offset))
	b = binary.AppendUvarint(b, uint64(f.home.Length))
	b = binary.AppendVarint(b, f.sent-now)
	b = appendText(b, f.group)
	if f.flags&flagMoved != 0 {
		b = binary.AppendUvarint(b, uint64(f.origin.Queue))
		b = binary.AppendUvarint(b, f.origin.Seq)
		b = binary.AppendUvarint(b, uint64(f.source))
		b = binary.AppendUvarint(b, uint64(f.base))
		b = binary.AppendVarint(b, f.arrival.first)
	}
	return b
}

func (r *reader) fact(now Time, copied bool) (f fact) {
	f.seq, f.flags = r.uint(), r.byte()
	f.receives, f.first, f.due = uint32(r.uint()), uint32(r.uint()), now+r.int()
	if f.flags&^factFlags != 0 {
		r.bad = true
	}
	if copied || f.flags&flagAway != 0 {
		f.home = Place{uint32(r.uint()), uint32(r.uint()), uint32(r.uint())}
		f.sent, f.group = now+r.int(), r.bytes()
		if f.flags&flagMoved != 0 {
			f.origin = Origin{uint32(r.uint()), r.uint()}
			f.source, f.base, f.arrival.first = uint32(r.uint()), uint32(r.uint()), r.int()
		}
	}
	return f
}

// moving is what the record of a move says.
type moving struct {
	task  uint64
	count int
	seq   uint64
	to    uint32
	there fact
}

func (r *reader) move(now Time) moving {
	v := moving{task: r.uint(), count: int(r.uint() & (1<<48 - 1)), seq: r.uint()}
	to := r.uint()
	v.to, v.there = uint32(to), r.fact(now, false)
	if to == 0 || to > maxQueues || v.there.flags&flagAway == 0 {
		r.bad = true
	}
	return v
}
