package localqueue

import (
	"maps"
	"slices"

	"github.com/quayside-go/quayside/localqueue/internal/naive"
)

// NewNaive is a Server over the plain engine, the oracle of the fast one.
func NewNaive(opts ...func(*Options)) *Server { return newServer(naive.New, opts) }

// Actions are those that HTTP knows.
func Actions() []string { return slices.Sorted(maps.Keys(routes)) }
