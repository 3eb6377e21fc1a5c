package main

import (
	"context"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/remote"
)

// queue makes a queue on s. drop deletes it.
func (b *bench) queue(s *remote.Server, visibility time.Duration) (name string, drop func() error, err error) {
	name = newName()
	drop = func() error { return s.Drop(context.WithoutCancel(b.ctx), name) }
	return name, drop, s.Create(b.ctx, name, visibility)
}

// empty tells whether a queue has no message left, visible or in flight.
func (b *bench) empty(s *remote.Server, queue string) (bool, error) {
	c, err := s.Counts(b.ctx, queue)
	return c.Visible+c.InFlight == 0, err
}
