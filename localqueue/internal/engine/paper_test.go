package engine

import (
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// paper is a log on paper: sheets of records that are kept until nothing needs them.
type paper struct {
	Ledger
	sheets  map[uint32]*sheet
	last    uint32
	size    uint32 // of a sheet, about
	count   int    // records ever taken
	safe    int    // records that no power failure takes away
	refuse  func(Kind) bool
	refused int
	leap    func() uint32 // how far the next sheet's number lies ahead
}

type sheet struct {
	records []page
	size    uint32
}

type page struct {
	at   Place
	text []byte
	head int
	nr   int
}

func newPaper() *paper {
	p := &paper{sheets: map[uint32]*sheet{}, size: 1500, leap: func() uint32 { return 1 }}
	p.Set(nil, nil)
	return p
}

func (p *paper) Append(kind Kind, record []byte, head int) Place {
	if p.refuse != nil && p.refuse(kind) {
		p.refused++
		return Place{}
	}
	s := p.sheets[p.last]
	if s == nil || s.size > p.size {
		p.last += p.leap()
		s = &sheet{size: 32}
		p.sheets[p.last] = s
	}
	at := Place{p.last, s.size, uint32(len(record))}
	s.records = append(s.records, page{at, slices.Clone(record), head, p.count})
	s.size += at.Length + 16
	p.count++
	return at
}

func (p *paper) read(at Place) []byte {
	s := p.sheets[at.Segment]
	if s == nil {
		return nil
	}
	i, ok := slices.BinarySearchFunc(s.records, at.Offset, func(r page, offset uint32) int { return int(r.at.Offset) - int(offset) })
	if !ok || s.records[i].at != at {
		return nil
	}
	return s.records[i].text
}

func (p *paper) exists(segment uint32) bool { return p.sheets[segment] != nil }

// past reports whether nothing more is written on sheet n.
func (p *paper) past(n uint32) bool { return n != p.last || p.sheets[n].size > p.size }

func (p *paper) numbers() []uint32 { return slices.Sorted(maps.Keys(p.sheets)) }

// torn is what is left of p if only the first so many records are.
func (p *paper) torn(count int) *paper {
	c := newPaper()
	c.Ledger = Ledger{} // as whoever recovers has it
	c.size, c.count, c.safe, c.leap = p.size, count, count, p.leap
	for n, s := range p.sheets {
		i, _ := slices.BinarySearchFunc(s.records, count, func(r page, count int) int { return r.nr - count })
		if i == 0 {
			continue
		}
		x := s.records[i-1]
		c.sheets[n] = &sheet{records: slices.Clone(s.records[:i]), size: x.at.Offset + x.at.Length + 16}
		if i == len(s.records) {
			c.sheets[n].size = s.size
		}
		c.last = max(c.last, n)
	}
	return c
}

// open recovers an engine from what is on paper; heads: given no more than recovery needs.
func (p *paper) open(t testing.TB, now Time, inFlight int, heads bool) *Engine {
	e := New([16]byte{9}, NewMessages, inFlight)
	if heads {
		e.Began = now
	}
	e.SetLogs(func(uint32) Log { return p })
	written := p.count
	for _, n := range p.numbers() {
		for _, r := range p.sheets[n].records {
			text := r.text
			if heads {
				text = text[:r.head]
			}
			if err := e.Replay(r.at, text); err != nil {
				t.Fatalf("replay %+v: %v", r.at, err)
			}
		}
	}
	if err := e.Recovered(now, p.exists); err != nil {
		t.Fatal(err)
	}
	p.Set(p.numbers(), e.Weigh())
	if p.count != written {
		t.Fatalf("recovery wrote %d records", p.count-written)
	}
	return e
}

// check compares the account with what is added up.
func (p *paper) check(e *Engine) error {
	sum := e.Weigh()
	for _, n := range p.numbers() {
		if got := p.Needed(n); got != sum[n] {
			return fmt.Errorf("of segment %d %d bytes are needed, added up %d", n, got, sum[n])
		}
		delete(sum, n)
	}
	for n, bytes := range sum {
		return fmt.Errorf("%d bytes are needed of segment %d, which is gone", bytes, n)
	}
	return nil
}

// drop drops dead sheets, in any order. What was written before is safe then.
func (p *paper) drop(rnd *rand.Rand) {
	for again := true; again; {
		again = false
		for _, n := range p.numbers() {
			if p.past(n) && p.Dead(n) && rnd.IntN(4) > 0 {
				p.safe = p.count
				delete(p.sheets, n)
				p.Dropped(n)
				again = true
			}
		}
	}
}

// clean empties some sheets, step by step; it ends early if the log refuses.
func (p *paper) clean(r *run, chosen func(uint32) bool) iter.Seq[struct{}] {
	return func(yield func(struct{}) bool) {
		step := func() bool { return yield(struct{}{}) }
		victims := map[uint32]bool{}
		for _, n := range p.numbers() {
			if p.past(n) && p.Clearable(n) && chosen(n) {
				victims[n] = true
			}
		}
		emptied := func(n uint32) bool { return victims[n] }
		for _, n := range slices.Sorted(maps.Keys(victims)) {
			if p.sheets[n] != nil && !p.forward(r, n, step) {
				return
			}
		}
		if !step() {
			return
		}
		for at, more := uint32(0), true; more; {
			more = r.e.RenoteRest(emptied, &at)
		}
		for _, q := range r.e.Queues() {
			if !p.rewrite(r, q, emptied, step) {
				return
			}
		}
	}
}

func (p *paper) forward(r *run, n uint32, step func() bool) bool {
	for _, x := range p.sheets[n].records {
		if !step() {
			return false
		}
		if q := r.e.ByNumber(RecordQueue(x.text)); q != nil {
			refused := p.refused
			if err := q.Messages.(Durable).Forward(r.now, x.at, x.text[:x.head], p.exists); err != nil && refused == p.refused {
				r.t.Fatal(err)
			} else if err != nil {
				return false
			}
		}
	}
	for _, q := range r.e.Queues() {
		if !step() {
			return false
		}
		refused := p.refused
		if err := q.Messages.(Durable).Forwarded(r.now); err != nil && refused == p.refused {
			r.t.Fatal(err)
		} else if err != nil {
			return false
		}
	}
	p.Unbind(n)
	return true
}

func (p *paper) rewrite(r *run, q *Queue, emptied func(uint32) bool, step func() bool) bool {
	if r.e.Noted(q, emptied) {
		r.e.Renote(r.now, q)
	}
	d := q.Messages.(Durable)
	var at Cursor
	for more := true; more; {
		var list []Resident
		list, more = d.Residents(emptied, &at, nil)
		for _, x := range list {
			if !step() {
				return false
			}
			if q.Deleted {
				return true
			}
			refused := p.refused
			if record := p.read(x.Home); record != nil && !d.Rewrite(r.now, x, record) {
				if refused == p.refused {
					r.t.Fatalf("rewrite of %+v failed", x)
				}
				return false
			}
		}
	}
	at = Cursor{}
	for more := true; more && !q.Deleted; more = d.Restate(r.now, emptied, &at) {
		if !step() {
			return false
		}
	}
	return true
}
