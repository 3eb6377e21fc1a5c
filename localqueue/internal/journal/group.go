package journal

// group is what is written by one write and survives as a whole. The log's lock
// guards it until it is closed; from then on what is to be written is the writer's.
type group struct {
	segment *segment
	seq     uint64
	start   uint32 // offset in the segment
	end     uint32 // behind its end, once that stands in buf
	buf     []byte // and a footer behind it, perhaps
	footer  []byte // of the segment, if it does not stand in buf
	count   uint32
	sum     uint32 // chain of the headers in buf
	closed  bool   // its end stands in buf
	last    bool   // of its segment
	hasty   bool   // somebody waits for it to be written, and no more

	written, synced *notice // nil: nobody asked
}

// write writes it, and the footer: the same bytes to the same places each time.
func (g *group) write() error {
	_, err := g.segment.file.WriteAt(g.buf, int64(g.start))
	if err == nil && g.footer != nil {
		_, err = g.segment.file.WriteAt(g.footer, g.segment.size-int64(len(g.footer)))
	}
	return err
}

// notice answers those who wait for one thing, once.
type notice struct {
	done chan struct{}
	err  error // set before done is closed
}

func newNotice() *notice { return &notice{done: make(chan struct{})} }

// ask is the notice in n, which is made if nobody asked before. The caller holds the
// log's lock.
func ask(n **notice) *notice {
	if *n == nil {
		*n = newNotice()
	}
	return *n
}

// take takes the notice out of n, so that nobody is answered twice. The caller holds
// the log's lock.
func take(n **notice) *notice {
	taken := *n
	*n = nil
	return taken
}

// tell answers all who wait for any of groups. The caller holds the log's lock.
func tell(groups []*group, err error) {
	for _, g := range groups {
		take(&g.written).give(err)
		take(&g.synced).give(err)
	}
}

// give answers; n may be nil.
func (n *notice) give(err error) {
	if n == nil {
		return
	}
	n.err = err
	close(n.done)
}

func (n *notice) wait() error {
	<-n.done
	return n.err
}

// Ticket stands for a record that was appended.
type Ticket struct{ n *notice }

// Wait blocks until the record that t was given for, and all before it, are as
// safe as its mode asked for. It returns nil then, ErrFull if the disk had no
// room, and the error that ended the log otherwise. It answers every time the
// same.
func (l *Log) Wait(t Ticket) error {
	if t.n == nil {
		return nil // the zero Ticket: nothing was appended
	}
	return t.n.wait()
}

// ticket is the notice that answers for mode m. The caller holds the log's lock.
func (g *group) ticket(m Mode, policy SyncPolicy) Ticket {
	if m&Synced != 0 && policy == Always {
		return Ticket{ask(&g.synced)}
	}
	g.hasty = true
	return Ticket{ask(&g.written)}
}

// mark is where it ends, or would end now if it is open. The caller holds the log's lock.
func (g *group) mark() uint64 {
	end := g.end
	if !g.closed {
		end = g.start + uint32(len(g.buf))
	}
	return Pos{g.segment.number, end}.mark()
}

// bytes that buffers of groups may keep between uses.
const maxBuffer = 8 << 20

// buffer is an empty one for a group. The caller holds the log's lock.
func (l *Log) buffer() []byte {
	if n := len(l.buffers); n > 0 {
		b := l.buffers[n-1]
		l.buffers = l.buffers[:n-1]
		return b
	}
	return make([]byte, 0, min(64<<10, l.opts.SegmentSize))
}

// giveBack lets a buffer be used again. The caller holds the log's lock.
func (l *Log) giveBack(b []byte) {
	if cap(b) <= maxBuffer && len(l.buffers) < 4 {
		l.buffers = append(l.buffers, b[:0])
	}
}
