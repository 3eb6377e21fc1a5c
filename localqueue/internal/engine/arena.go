package engine

import "encoding/binary"

// arena keeps the bytes of messages in blocks, so that they cost the garbage
// collector nothing. A record is [slot u32][length u32][bytes]; slot 0 marks a
// dead one. A block without live records is let go. While more than half of all
// bytes are dead (and there are more than eight blocks), every drop looks at two further blocks and empties those that
// are less than half alive into the current one, so a few old messages do not pin
// the memory of many that are gone.
type arena struct {
	blocks  []block
	vacant  []uint32                // numbers of blocks let go
	current uint32                  // number of the block being filled, plus 1
	spare   []byte                  // one full-size block kept for reuse
	size    int                     // bytes of all blocks
	live    int                     // bytes of all live records
	cursor  int                     // block that was looked at last
	moved   func(id uint32, to ref) // told of every live record that had to move
}

type block struct {
	data []byte // len: filled; cap: size
	live int    // bytes of live records
}

// ref is where a record lies.
type ref struct{ block, offset uint32 }

const (
	recordHeader = 8
	firstBlock   = 4 << 10
	fullBlock    = 256 << 10
	ownBlock     = 32 << 10 // records above have a block of their own
)

// add stores bytes for the message in slot id.
func (a *arena) add(id uint32, b []byte) ref {
	n := recordHeader + len(b)
	var at uint32
	if n > ownBlock {
		at = a.open(n)
	} else {
		if a.current == 0 || cap(a.blocks[a.current-1].data)-len(a.blocks[a.current-1].data) < n {
			a.advance(n)
		}
		at = a.current - 1
	}
	k := &a.blocks[at]
	off := len(k.data)
	k.data = k.data[:off+n]
	binary.LittleEndian.PutUint32(k.data[off:], id)
	binary.LittleEndian.PutUint32(k.data[off+4:], uint32(len(b)))
	copy(k.data[off+recordHeader:], b)
	k.live += n
	a.live += n
	return ref{at, uint32(off)}
}

// get is the bytes of a record, valid until the arena changes.
func (a *arena) get(r ref) []byte {
	d := a.blocks[r.block].data[r.offset:]
	n := binary.LittleEndian.Uint32(d[4:])
	return d[recordHeader : recordHeader+n : recordHeader+n]
}

// drop gives a record back.
func (a *arena) drop(r ref) {
	k := &a.blocks[r.block]
	d := k.data[r.offset:]
	n := recordHeader + int(binary.LittleEndian.Uint32(d[4:]))
	binary.LittleEndian.PutUint32(d, 0)
	k.live -= n
	a.live -= n
	switch {
	case k.live > 0:
	case r.block+1 == a.current:
		k.data = k.data[:0]
	default:
		a.close(r.block)
	}
	if a.live < a.size/2 && len(a.blocks) > 8 {
		a.sweep()
	}
}

// sweep looks at the next two blocks.
func (a *arena) sweep() {
	for range 2 {
		a.cursor = (a.cursor + 1) % len(a.blocks)
		k := &a.blocks[a.cursor]
		if uint32(a.cursor)+1 != a.current && k.live < cap(k.data)/2 {
			a.evacuate(uint32(a.cursor))
		}
	}
}

func (a *arena) evacuate(n uint32) {
	d := a.blocks[n].data
	for len(d) > 0 {
		id, size := binary.LittleEndian.Uint32(d), binary.LittleEndian.Uint32(d[4:])
		if id != 0 {
			a.moved(id, a.add(id, d[recordHeader:recordHeader+size]))
		}
		d = d[recordHeader+size:]
	}
	a.live -= a.blocks[n].live // they are counted where they went
	a.close(n)
}

// advance makes a new block with room for n bytes the current one. Blocks double
// from small to full size.
func (a *arena) advance(n int) {
	old, size := a.current, firstBlock
	if old != 0 {
		size = min(2*cap(a.blocks[old-1].data), fullBlock)
	}
	for size < n {
		size *= 2
	}
	a.current = a.open(size) + 1
	if old != 0 && a.blocks[old-1].live == 0 {
		a.close(old - 1)
	}
}

func (a *arena) open(size int) uint32 {
	var data []byte
	if size == fullBlock && a.spare != nil {
		data, a.spare = a.spare, nil
	} else {
		data = make([]byte, 0, size)
	}
	a.size += size
	if n := len(a.vacant); n > 0 {
		at := a.vacant[n-1]
		a.vacant = a.vacant[:n-1]
		a.blocks[at] = block{data: data}
		return at
	}
	a.blocks = append(a.blocks, block{data: data})
	return uint32(len(a.blocks) - 1)
}

func (a *arena) close(n uint32) {
	k := a.blocks[n]
	a.size -= cap(k.data)
	if cap(k.data) == fullBlock {
		a.spare = k.data[:0]
	}
	a.blocks[n] = block{}
	a.vacant = append(a.vacant, n)
}
