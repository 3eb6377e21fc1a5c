package worker

import "sync"

// memorySize bounds how many messages are remembered whose deletes did not
// reach SQS in time: about a megabyte.
const memorySize = 10_000

// memory holds the ids of messages that are done while SQS may still deliver
// them. An id that waits for its delete is held for as long as that takes; one
// whose delete went wrong, or came too late to be sure of, is held until it was
// seen and deleted again, or until size later ones have gone wrong.
type memory struct {
	mu   sync.Mutex
	done map[string]struct{}
	kept []string // a ring of at most size ids; some may be forgotten since
	next int      // where the ring is overwritten next
	size int
}

func newMemory(size int) *memory {
	return &memory{done: make(map[string]struct{}), size: size}
}

func (m *memory) add(id string) {
	m.mu.Lock()
	m.done[id] = struct{}{}
	m.mu.Unlock()
}

func (m *memory) has(id string) bool {
	m.mu.Lock()
	_, ok := m.done[id]
	m.mu.Unlock()
	return ok
}

func (m *memory) forget(id string) {
	m.mu.Lock()
	delete(m.done, id)
	m.mu.Unlock()
}

// keep bounds how long id, which was added before, is remembered.
func (m *memory) keep(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.kept) < m.size {
		m.kept = append(m.kept, id)
		return
	}
	delete(m.done, m.kept[m.next])
	m.kept[m.next] = id
	m.next = (m.next + 1) % m.size
}
