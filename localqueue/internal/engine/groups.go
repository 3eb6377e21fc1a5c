package engine

import "hash/maphash"

// group is a message group: on FIFO the unit of order, on a standard queue a
// tenant. It lives while it has messages, a tenant a little longer (fair.go).
type group struct {
	hash       uint64
	name       ref
	chain      uint32 // next group of its chain; next free one
	messages   int32  // undeleted
	head, tail uint32 // FIFO: all its messages in order
}

// tenant is what a group is besides on a standard queue.
type tenant struct {
	pile     pile  // its visible messages
	waiting  int32 // visible or delayed
	inFlight int32
	noisy    bool
	lastSend Time
	share    share
}

// groups are the message groups of a queue, found by name: a seeded hash leads to a
// chain of groups whose names are compared.
type groups struct {
	all     []group
	tenants []tenant // standard: as all
	heads   []uint32 // by hash: the first of a chain; a power of two, twice the groups at least
	live    int
	free    uint32
	seed    maphash.Seed
	names   arena
}

func (g *groups) init() {
	*g = groups{all: make([]group, 1), heads: make([]uint32, 1), seed: maphash.MakeSeed()}
	g.names.moved = func(id uint32, to ref) { g.all[id].name = to }
}

func (g *groups) at(id uint32) *group { return &g.all[id] }

func (g *groups) tenant(id uint32) *tenant { return &g.tenants[id] }

func (g *groups) name(id uint32) []byte { return g.names.get(g.all[id].name) }

// head is where the chain of a hash begins.
func (g *groups) head(hash uint64) *uint32 { return &g.heads[hash&uint64(len(g.heads)-1)] }

// find is the number of the group called name, 0 if there is none, and the hash of that.
func (g *groups) find(name string) (uint32, uint64) {
	h := maphash.String(g.seed, name) | 1 // 0 is no group
	for id := *g.head(h >> 1); id != 0; id = g.all[id].chain {
		if g.all[id].hash == h && string(g.name(id)) == name {
			return id, h
		}
	}
	return 0, h
}

// make is find, or a new group. It may move the groups in memory.
func (g *groups) make(name string, fifo bool) uint32 {
	id, h := g.find(name)
	if id != 0 {
		return id
	}
	if 2*g.live >= len(g.heads) {
		g.index(2 * len(g.heads))
	}
	id = g.free
	if id != 0 {
		g.free = g.all[id].chain
	} else {
		g.all = append(g.all, group{})
		id = uint32(len(g.all) - 1)
	}
	g.live++
	g.all[id] = group{hash: h, name: g.names.add(id, []byte(name))}
	g.link(id)
	if !fifo {
		for len(g.tenants) <= int(id) {
			g.tenants = append(g.tenants, tenant{})
		}
		g.tenants[id] = tenant{}
	}
	return id
}

func (g *groups) link(id uint32) {
	x := &g.all[id]
	head := g.head(x.hash >> 1)
	x.chain, *head = *head, id
}

// index chains all groups anew, in n chains.
func (g *groups) index(n int) {
	g.heads = make([]uint32, n)
	for id := range g.all {
		if g.all[id].hash != 0 {
			g.link(uint32(id))
		}
	}
}

// drop forgets a group that has no messages and stands in no heap.
func (g *groups) drop(id uint32) {
	x := &g.all[id]
	at := g.head(x.hash >> 1)
	for *at != id {
		at = &g.all[*at].chain
	}
	*at = x.chain
	g.live--
	g.names.drop(x.name)
	*x = group{chain: g.free}
	g.free = id
}
