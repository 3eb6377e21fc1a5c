package store

import (
	"encoding/binary"
	"fmt"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
)

// bboltKV is bbolt with what its documentation advises for many writes.
type bboltKV struct {
	db    *bbolt.DB
	batch bool // callers share a transaction through DB.Batch
}

var bucket = []byte("messages")

func openBbolt(dir string, batch bool) (kv, error) {
	db, err := bbolt.Open(filepath.Join(dir, "messages"), 0o600, &bbolt.Options{
		Timeout: time.Second, NoFreelistSync: true, FreelistType: bbolt.FreelistMapType,
	})
	if err != nil {
		return nil, err
	}
	db.MaxBatchDelay = time.Millisecond
	err = db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(bucket)
		return err
	})
	return &bboltKV{db, batch}, err
}

// Expect makes a batch begin as soon as all callers are in it: by default it waits for its delay to pass
// or for 1,000 of them, which costs it most of its speed with fewer.
func (b *bboltKV) Expect(callers int) { b.db.MaxBatchSize = callers }

func (b *bboltKV) commit(c *change) error {
	if b.batch {
		return b.db.Batch(func(tx *bbolt.Tx) error { return apply(tx, c) })
	}
	return b.db.Update(func(tx *bbolt.Tx) error { return apply(tx, c) })
}

func apply(tx *bbolt.Tx, c *change) error {
	k := tx.Bucket(bucket)
	k.FillPercent = 0.9 // keys rise
	for _, e := range c.puts {
		if err := k.Put(key(e.id), e.body); err != nil {
			return err
		}
	}
	for _, id := range c.deletes {
		if err := k.Delete(key(id)); err != nil {
			return err
		}
	}
	return nil
}

func (b *bboltKV) get(dst []byte, id uint64) ([]byte, error) {
	err := b.db.View(func(tx *bbolt.Tx) error {
		body := tx.Bucket(bucket).Get(key(id))
		if body == nil {
			return fmt.Errorf("message %d is gone", id)
		}
		dst = append(dst, body...)
		return nil
	})
	return dst, err
}

func (b *bboltKV) each(f func(id uint64)) error {
	return b.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucket).ForEach(func(k, _ []byte) error {
			f(binary.BigEndian.Uint64(k))
			return nil
		})
	})
}

func (b *bboltKV) close() error { return b.db.Close() }
