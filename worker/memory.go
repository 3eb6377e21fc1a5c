package worker

import "sync"

// memorySize is how many messages at least are remembered whose deletes did not
// reach SQS in time: about a megabyte.
const memorySize = 10_000

// memory holds the ids of messages that are done while SQS may still deliver
// them. An id is forgotten when its delete is known to have come in time, or
// when size others have been added since and not been forgotten: ids are added
// to the young generation, and once that is full it takes the place of the old.
type memory struct {
	size int

	mu         sync.Mutex
	young, old map[string]struct{}
}

func newMemory(size int) *memory {
	return &memory{size: size, young: make(map[string]struct{})}
}

// add remembers id. A message without an id cannot be told from others.
func (m *memory) add(id string) {
	if id == "" {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.young) >= m.size {
		m.young, m.old = make(map[string]struct{}), m.young
	}
	m.young[id] = struct{}{}
}

func (m *memory) has(id string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.young[id]; ok {
		return true
	}
	_, ok := m.old[id]
	return ok
}

func (m *memory) forget(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.young, id)
	delete(m.old, id)
}

// ledger counts, for messages that may come again, by how much the receives of
// each exceed its attempts. It holds as much as a memory of the same size.
type ledger struct {
	size int

	mu         sync.Mutex
	young, old map[string]int
}

func newLedger(size int) *ledger {
	return &ledger{size: size, young: make(map[string]int)}
}

func (l *ledger) get(id string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.getLocked(id)
}

func (l *ledger) getLocked(id string) int {
	if n, ok := l.young[id]; ok {
		return n
	}
	return l.old[id]
}

// add adds n to the count of id.
func (l *ledger) add(id string, n int) {
	if id == "" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	n += l.getLocked(id)
	if len(l.young) >= l.size {
		l.young, l.old = make(map[string]int), l.young
	}
	l.young[id] = n
}

// forget is for a message that is done.
func (l *ledger) forget(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.young, id)
	delete(l.old, id)
}
