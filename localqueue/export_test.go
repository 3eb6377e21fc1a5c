package localqueue

import "github.com/quayside-go/quayside/localqueue/internal/naive"

// NewNaive is a Server over the plain engine, the oracle of the fast one.
func NewNaive(opts ...func(*Options)) *Server { return newServer(naive.New, opts) }
