package payload_test

import (
	"bytes"
	"context"
	"io"
	"maps"
	"slices"
	"sync"

	"github.com/quayside-go/quayside/producer/payload"
)

// memory is a store that fails on demand.
type memory struct {
	mu      sync.Mutex
	objects map[string]string
	deleted []string
	putting func(context.Context) error // may wait; nil: well
	ending  func(context.Context) error // of Delete
}

func (s *memory) Bucket() string { return "my-bucket" }

func (s *memory) Put(ctx context.Context, key string, body io.ReadSeeker, size int64) error {
	if s.putting != nil {
		if err := s.putting(ctx); err != nil {
			return err
		}
	}
	b, err := io.ReadAll(io.LimitReader(body, size))
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.objects == nil {
		s.objects = make(map[string]string)
	}
	s.objects[key] = string(b)
	return nil
}

func (s *memory) Get(_ context.Context, key string) (io.ReadCloser, int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.objects[key]
	if !ok {
		return nil, 0, payload.ErrNotFound
	}
	return io.NopCloser(bytes.NewReader([]byte(b))), int64(len(b)), nil
}

func (s *memory) Delete(ctx context.Context, key string) error {
	if s.ending != nil {
		if err := s.ending(ctx); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.objects, key)
	s.deleted = append(s.deleted, key)
	return nil
}

// keys are those of all objects, and deletes what was deleted, so far.
func (s *memory) keys() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.objects))
}

func (s *memory) deletes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.deleted)
}

// hang waits for the end of ctx.
func hang(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}
