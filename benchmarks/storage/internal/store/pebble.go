package store

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/cockroachdb/pebble/v2"
)

// pebbleKV is pebble with a memtable of 64 MB, and with what is new in the format of its files.
type pebbleKV struct{ db *pebble.DB }

// openPebble opens pebble; with apart, values are kept in files of their own (value separation).
func openPebble(dir string, apart bool) (kv, error) {
	o := &pebble.Options{
		FormatMajorVersion:         pebble.FormatNewest,
		MemTableSize:               64 << 20,
		CompactionConcurrencyRange: func() (int, int) { return 1, 2 },
		Logger:                     quiet{},
	}
	o.Experimental.ValueSeparationPolicy = func() pebble.ValueSeparationPolicy {
		return pebble.ValueSeparationPolicy{
			Enabled: apart, MinimumSize: 256, MaxBlobReferenceDepth: 10,
			RewriteMinimumAge: time.Second, TargetGarbageRatio: 0.3,
		}
	}
	db, err := pebble.Open(dir, o)
	if err != nil {
		return nil, err
	}
	return pebbleKV{db}, nil
}

// quiet drops what pebble logs.
type quiet struct{}

func (quiet) Infof(string, ...any)  {}
func (quiet) Errorf(string, ...any) {}
func (quiet) Fatalf(format string, args ...any) {
	pebble.DefaultLogger.Fatalf(format, args...)
}

func key(id uint64) []byte { return binary.BigEndian.AppendUint64(nil, id) }

func (p pebbleKV) commit(c *change) error {
	b := p.db.NewBatch()
	for _, e := range c.puts {
		if err := b.Set(key(e.id), e.body, nil); err != nil {
			return err
		}
	}
	for _, id := range c.deletes { // each was set once, so that this is enough, and cheaper than Delete
		if err := b.SingleDelete(key(id), nil); err != nil {
			return err
		}
	}
	if err := b.Commit(pebble.Sync); err != nil {
		return err
	}
	return b.Close()
}

func (p pebbleKV) get(dst []byte, id uint64) ([]byte, error) {
	body, closer, err := p.db.Get(key(id))
	if err != nil {
		return dst, err
	}
	dst = append(dst, body...)
	return dst, closer.Close()
}

func (p pebbleKV) each(f func(id uint64)) error {
	it, err := p.db.NewIter(nil)
	if err != nil {
		return err
	}
	for ok := it.First(); ok; ok = it.Next() {
		f(binary.BigEndian.Uint64(it.Key()))
	}
	return errors.Join(it.Error(), it.Close())
}

func (p pebbleKV) close() error { return p.db.Close() }
