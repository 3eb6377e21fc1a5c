// Package store has what is compared: ways to keep messages on a disk, all behind one interface that is
// a queue. Messages are bodies of BodySize bytes that no compression makes smaller.
//
// Quayside and Memory are called as a program calls them, with the SDK's structures. Pebble, bbolt and SQLite
// are made a queue with as little as that takes: the body under a rising number, and the numbers of the
// waiting messages in memory, first in, first out. They compute no checksum, no id and no receipt
// handle, keep no receive count and no deadline, so that what they are asked is less.
package store

import (
	"fmt"
	"os"
	"slices"
)

// Store is an open queue. Its methods and its callers may be used at once.
type Store interface {
	// Caller returns the access of one goroutine.
	Caller() Caller
	// Found is what opening found: messages, and the bytes that it read for that, 0 if it does not know.
	Found() (messages int, bytes int64)
	Close() error
}

// Caller is one goroutine that uses the store.
type Caller interface {
	// Put adds n messages in one call. They are on the disk when it returns.
	Put(n int) error
	// Take receives up to n messages, bodies read. It returns how many there were.
	Take(n int) (int, error)
	// Drop deletes what Take took last. It is on the disk when it returns.
	Drop() error
}

// Expecting is a Store that can be told how many callers will call at once.
type Expecting interface {
	Expect(callers int)
}

// What can be opened.
const (
	Raw         = "raw"          // a write and a sync of one file, one after the other; only Put
	Quayside    = "quayside"     // localqueue.Open, syncing always
	Memory      = "memory"       // localqueue.New
	Pebble      = "pebble"       // each call a batch, committed with a sync
	PebbleGroup = "pebble-group" // what waits becomes one batch; values kept apart from keys
	Bbolt       = "bbolt"        // DB.Batch
	BboltGroup  = "bbolt-group"  // what waits becomes one transaction
	SQLite      = "sqlite"       // what waits becomes one transaction
)

// Open opens the store of that kind in dir, which it makes if it is not there. Segment is the size of
// quayside's segments, and of raw's file.
func Open(kind, dir string, segment int64) (Store, error) {
	open, ok := kinds[kind]
	if !ok {
		return nil, fmt.Errorf("no store is called %q", kind)
	}
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		var s Store
		if s, err = open(dir, segment); err == nil {
			return s, nil
		}
	}
	return nil, fmt.Errorf("open %s: %w", kind, err)
}

var kinds = map[string]func(dir string, segment int64) (Store, error){
	Raw:         openRaw,
	Quayside:    openQuayside,
	Memory:      openMemory,
	Pebble:      func(dir string, _ int64) (Store, error) { return newQueue(openPebble(dir, false)) },
	PebbleGroup: func(dir string, _ int64) (Store, error) { return newQueue(grouped(openPebble(dir, true))) },
	Bbolt:       func(dir string, _ int64) (Store, error) { return newQueue(openBbolt(dir, true)) },
	BboltGroup:  func(dir string, _ int64) (Store, error) { return newQueue(grouped(openBbolt(dir, false))) },
	SQLite:      func(dir string, _ int64) (Store, error) { return newQueue(grouped(openSQLite(dir))) },
}

// Compared are the kinds that are queues on a disk, ours first.
var Compared = []string{Quayside, Pebble, PebbleGroup, Bbolt, BboltGroup, SQLite}

// Known tells whether there is such a kind among those compared.
func Known(kind string) bool { return slices.Contains(Compared, kind) }
