package wire

import "github.com/quayside-go/quayside/localqueue/internal/api"

// maxEntries is how many entries of a batch are read. The rules allow far less
// and say so; beyond this number they would cost many times the request's memory
// to be told.
const maxEntries = 100

// tooMany counts an entry in n and, if there is no room for it, skips it.
func (s *scanner) tooMany(n *int) bool {
	*n++
	if *n <= maxEntries {
		return false
	}
	s.skip()
	return true
}

// countEntries refuses a batch whose entries were not all read.
func (s *scanner) countEntries(n int) {
	if s.err == nil && n > maxEntries {
		s.err = api.CheckBatch("", n, nil)
		s.at = len(s.doc)
	}
}

// extend makes list longer by one element, which is what memory of it held
// before, so that it can be reset and reused.
func extend[T any](list []T) []T {
	if len(list) < cap(list) {
		return list[:len(list)+1]
	}
	var zero T
	return append(list, zero)
}
