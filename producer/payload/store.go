package payload

import (
	"context"
	"errors"
	"io"
)

// ErrNotFound is in the error of a Store.Get for what is not there.
var ErrNotFound = errors.New("payload: there is no such object")

// Store keeps bodies. [Dir] is one, and packages payload/s3 and payload/dynamo have
// others. Many goroutines may call its methods at once; each must end soon after its
// context does.
type Store interface {
	// Bucket is the name by which pointers call the store.
	Bucket() string

	// Put stores size bytes of body under key, all or nothing, in place of what may be
	// there. It returns once they are as safe as the store can make them. It may read
	// the body more than once.
	Put(ctx context.Context, key string, body io.ReadSeeker, size int64) error

	// Get returns what is stored under key, to be read while ctx lasts and then closed,
	// and its size, -1 if that is not known. If there is nothing, the error is an
	// ErrNotFound.
	Get(ctx context.Context, key string) (body io.ReadCloser, size int64, err error)

	// Delete deletes what is stored under key. It is no error if there is nothing.
	Delete(ctx context.Context, key string) error
}
