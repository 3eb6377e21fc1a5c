// Package journaltest is a directory for a journal that fails and crashes at will,
// for tests. It is deterministic: the same calls and seeds give the same bytes.
//
// A Disk keeps, beside what its user sees, what a power failure would leave. What
// was synced stays. Of what was not, Crash decides by its seed, each part for
// itself: a write may be lost, or land in any of its sectors and not in others, or
// end at any byte; a name may be created, changed or removed on the disk or not,
// whatever became of later ones.
package journaltest

import (
	"io/fs"
	"math/rand/v2"
	"slices"
	"sync"
)

// Op is a kind of call that a Disk sees.
type Op string

// The calls that change something, or bring it to the disk.
const (
	Create   Op = "create"
	Rename   Op = "rename"
	Remove   Op = "remove"
	SyncDir  Op = "sync directory"
	Write    Op = "write"
	Truncate Op = "truncate"
	Allocate Op = "allocate"
	Sync     Op = "sync"
)

// Disk is a journal.Dir.
type Disk struct {
	mu      sync.Mutex
	names   map[string]*inode // as its user sees them
	durable map[string]*inode
	changes []change // of names, not synced
	calls   int
	before  func(call int, op Op, name string) error
	during  func(name string)
	opening func(name string) error
	free    int64 // bytes that files may still grow by; negative: any
	plain   bool  // cannot allocate
}

// change of a name that is not on the disk yet: to has inode, from is gone.
type change struct {
	from, to string
	node     *inode
}

type inode struct {
	data, durable []byte
	writes        []write // not synced
	landed        int     // writes before those
}

// write of data at off; data nil: truncation to off.
type write struct {
	off  int64
	data []byte
}

// New is an empty disk.
func New() *Disk {
	return &Disk{names: map[string]*inode{}, durable: map[string]*inode{}, free: -1}
}

// Before has f called before every call of an Op, numbered from 1, with nothing of
// d locked for its user but d itself: f may use Clone, and no other method. An error is
// what the call returns, without effect, but that of Write for syscall.ENOSPC and
// syscall.EIO leaves a part of what was to be written.
func (d *Disk) Before(f func(call int, op Op, name string) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.before = f
}

// During has f called in the middle of every Sync of a file, with nothing locked: what is
// written there before f returns is not covered by that Sync.
func (d *Disk) During(f func(name string)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.during = f
}

// Opening has f called before every Open of a file, which changes nothing and so is none
// of the calls that Before sees. An error is what Open returns.
func (d *Disk) Opening(f func(name string) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.opening = f
}

// Limit lets files grow by n bytes from now on, and no further: a write beyond fails
// with syscall.ENOSPC. Removing gives back. Negative: no limit.
func (d *Disk) Limit(n int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.free = n
}

// call counts and asks before. The caller holds the lock.
func (d *Disk) call(op Op, name string) error {
	d.calls++
	if d.before == nil {
		return nil
	}
	if err := d.before(d.calls, op, name); err != nil {
		return &fs.PathError{Op: string(op), Path: name, Err: err}
	}
	return nil
}

// Plain makes d a disk that cannot allocate, as many file systems are.
func (d *Disk) Plain() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.plain = true
}

// Clone is a disk like d, as it is now, without what Before, During, Opening and Limit set. It is for
// the function given to Before, and for disks that nobody uses at the time.
func (d *Disk) Clone() *Disk {
	c := New()
	c.plain = d.plain
	nodes := map[*inode]*inode{}
	copied := func(n *inode) *inode {
		if n != nil && nodes[n] == nil {
			nodes[n] = &inode{slices.Clone(n.data), slices.Clone(n.durable), slices.Clone(n.writes), n.landed}
		}
		return nodes[n]
	}
	for name, n := range d.names {
		c.names[name] = copied(n)
	}
	for name, n := range d.durable {
		c.durable[name] = copied(n)
	}
	for _, ch := range d.changes {
		c.changes = append(c.changes, change{ch.from, ch.to, copied(ch.node)})
	}
	return c
}

// Crash is the disk that a power failure leaves, by the seed.
func (d *Disk) Crash(seed uint64) *Disk {
	r := rand.New(rand.NewPCG(seed, 1))
	c := d.Clone()
	mood := r.IntN(4)
	for _, ch := range c.changes {
		if lands(r, mood) {
			ch.apply(c.durable)
		}
	}
	after := New()
	after.plain = c.plain
	for _, name := range sorted(c.durable) {
		n := c.durable[name]
		if n.writes != nil {
			n.crash(r, mood)
			n.writes = nil
		}
		after.names[name] = &inode{data: n.durable, durable: slices.Clone(n.durable)}
		after.durable[name] = after.names[name]
	}
	return after
}

// lands decides about one thing: in some crashes nothing lands, in some all, in
// others anything.
func lands(r *rand.Rand, mood int) bool {
	switch mood {
	case 0:
		return false
	case 1:
		return true
	}
	return r.IntN(2) == 0
}

func (ch change) apply(names map[string]*inode) {
	if ch.from != "" && names[ch.from] == ch.node {
		delete(names, ch.from)
	}
	if ch.to != "" {
		names[ch.to] = ch.node
	}
}

// Kill is the disk that the end of the process leaves, with the system alive:
// everything written is there, and nothing more is synced than was. Unlike Clone it
// may be called at any time.
func (d *Disk) Kill() *Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.Clone()
}

// Files names the files, in order.
func (d *Disk) Files() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return sorted(d.names)
}

// Bytes is a copy of what a file's user sees of it; nil: there is no such file.
func (d *Disk) Bytes(name string) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	if n := d.names[name]; n != nil {
		return slices.Clone(n.data)
	}
	return nil
}

// Put makes a file of data, on the disk at once, in place of one that had the name.
func (d *Disk) Put(name string, data []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := &inode{data: slices.Clone(data), durable: slices.Clone(data)}
	d.names[name], d.durable[name] = n, n
}

func sorted(names map[string]*inode) []string {
	out := make([]string, 0, len(names))
	for name := range names {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
