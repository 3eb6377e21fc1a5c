package middleware

import (
	"context"
	"errors"
	"sync"
	"time"
)

// DefaultMaxRecords is MemoryStoreOptions.MaxRecords unless set otherwise.
const DefaultMaxRecords = 100_000

// ErrStoreFull is returned by a [MemoryStore] that has as many claims as it may hold
// records.
var ErrStoreFull = errors.New("middleware: the memory store is full of claims")

// MemoryStoreOptions are what NewMemoryStore's functions may change.
type MemoryStoreOptions struct {
	// MaxRecords is how many records are kept: the claims of handlers that run, and
	// what is remembered. Where there are more, that which would expire first is
	// forgotten early; claims are not. A record takes some 200 bytes and its ID.
	// Default, and meaning of 0: DefaultMaxRecords.
	MaxRecords int
}

// MemoryStore is a [Store] in memory: it knows what this process has done, and nothing
// once the process has ended. It has no goroutine: what has expired is removed as the
// store is used.
type MemoryStore struct {
	most int

	mu      sync.Mutex
	records map[string]*kept
	claims  expiries // the records that are InProgress
	done    expiries // the others
}

var _ Store = (*MemoryStore)(nil)

// NewMemoryStore returns an empty store.
func NewMemoryStore(opts ...func(*MemoryStoreOptions)) *MemoryStore {
	var o MemoryStoreOptions
	for _, f := range opts {
		if f != nil {
			f(&o)
		}
	}
	if o.MaxRecords <= 0 {
		o.MaxRecords = DefaultMaxRecords
	}
	return &MemoryStore{most: o.MaxRecords, records: make(map[string]*kept)}
}

// Claim implements [Store]. It fails with ErrStoreFull if all records are claims that
// have not run out.
func (s *MemoryStore) Claim(ctx context.Context, r Record) (Record, error) {
	if err := ctx.Err(); err != nil {
		return Record{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.pruneLocked(now)
	if k := s.records[r.ID]; k != nil {
		if !k.Free(now) {
			return k.Record, nil
		}
		s.removeLocked(k)
	}
	if len(s.records) >= s.most {
		if len(s.done) == 0 {
			return Record{}, ErrStoreFull
		}
		s.removeLocked(s.done[0])
	}
	s.addLocked(r)
	return r, nil
}

// Update implements [Store].
func (s *MemoryStore) Update(ctx context.Context, r Record) error {
	return s.replace(ctx, r, s.addLocked)
}

// Release implements [Store].
func (s *MemoryStore) Release(ctx context.Context, r Record) error {
	return s.replace(ctx, r, func(Record) {})
}

// Len returns how many records there are, those included that have expired and were
// not removed yet.
func (s *MemoryStore) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.records)
}

// replace removes the claim that has the ID and Owner of r, and calls addLocked with r.
func (s *MemoryStore) replace(ctx context.Context, r Record, addLocked func(Record)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.records[r.ID]
	if k == nil || k.Status != InProgress || k.Owner != r.Owner {
		return ErrClaimLost
	}
	s.removeLocked(k)
	addLocked(r)
	return nil
}

// pruneLocked removes what is free, but not so much at once that others would have to
// wait for long. s.mu must be held.
func (s *MemoryStore) pruneLocked(now time.Time) {
	const most = 100
	for _, h := range []*expiries{&s.claims, &s.done} {
		for n := 0; n < most && len(*h) > 0 && (*h)[0].Free(now); n++ {
			s.removeLocked((*h)[0])
		}
	}
}

// addLocked adds a record whose ID is new. s.mu must be held.
func (s *MemoryStore) addLocked(r Record) {
	k := &kept{Record: r}
	s.records[r.ID] = k
	s.expiriesOf(k).add(k)
}

// removeLocked removes a record. s.mu must be held.
func (s *MemoryStore) removeLocked(k *kept) {
	delete(s.records, k.ID)
	s.expiriesOf(k).remove(k)
}

// expiriesOf returns the heap that k belongs to.
func (s *MemoryStore) expiriesOf(k *kept) *expiries {
	if k.Status == InProgress {
		return &s.claims
	}
	return &s.done
}
