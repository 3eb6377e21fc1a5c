package engine

import "hash/maphash"

// group is a message group: on FIFO the unit of order, on a standard queue a
// tenant. It lives while it has messages, a tenant a little longer (fair.go).
type group struct {
	hash       uint64
	name       ref
	chain      uint32 // next group of the same hash; next free one
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

// groups are the message groups of a queue, found by name. The index holds no
// pointers: a seeded hash leads to a chain of groups whose names are compared.
type groups struct {
	all     []group
	tenants []tenant // standard: as all
	index   map[uint64]uint32
	free    uint32
	seed    maphash.Seed
	names   arena
}

func (g *groups) init() {
	*g = groups{all: make([]group, 1), index: map[uint64]uint32{}, seed: maphash.MakeSeed()}
	g.names.moved = func(id uint32, to ref) { g.all[id].name = to }
}

func (g *groups) at(id uint32) *group { return &g.all[id] }

func (g *groups) tenant(id uint32) *tenant { return &g.tenants[id] }

func (g *groups) name(id uint32) []byte { return g.names.get(g.all[id].name) }

// find is the number of the group called name, 0 if there is none.
func (g *groups) find(name string) uint32 {
	for id := g.index[maphash.String(g.seed, name)]; id != 0; id = g.all[id].chain {
		if string(g.name(id)) == name {
			return id
		}
	}
	return 0
}

// make is find, or a new group. It may move the groups in memory.
func (g *groups) make(name string, fifo bool) uint32 {
	if id := g.find(name); id != 0 {
		return id
	}
	id := g.free
	if id != 0 {
		g.free = g.all[id].chain
	} else {
		g.all = append(g.all, group{})
		id = uint32(len(g.all) - 1)
	}
	h := maphash.String(g.seed, name)
	g.all[id] = group{hash: h, chain: g.index[h], name: g.names.add(id, []byte(name))}
	g.index[h] = id
	if !fifo {
		for len(g.tenants) <= int(id) {
			g.tenants = append(g.tenants, tenant{})
		}
		g.tenants[id] = tenant{}
	}
	return id
}

// drop forgets a group that has no messages and stands in no heap.
func (g *groups) drop(id uint32) {
	x := &g.all[id]
	switch first := g.index[x.hash]; {
	case first != id:
		for g.all[first].chain != id {
			first = g.all[first].chain
		}
		g.all[first].chain = x.chain
	case x.chain != 0:
		g.index[x.hash] = x.chain
	default:
		delete(g.index, x.hash)
	}
	g.names.drop(x.name)
	*x = group{chain: g.free}
	g.free = id
}
