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
	_, young := m.young[id]
	_, old := m.old[id]
	return young || old
}

func (m *memory) forget(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.young, id)
	delete(m.old, id)
}
