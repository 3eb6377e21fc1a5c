package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

// retryAfter is how long a file that cannot be read is left alone.
const retryAfter = time.Second

// A job is one file to hash. Paths travel as bytes, that is as base64: a file name may hold bytes
// that a message body may not.
type job struct {
	Run  string // tells this run's jobs from those an earlier one left behind
	Path []byte
}

// A result is what became of one job: a sum or a reason.
type result struct {
	Run    string
	Path   []byte
	Sum    string `json:",omitempty"`
	Reason string `json:",omitempty"`
}

// opener opens a file for reading.
type opener func(path string) (io.ReadCloser, error)

func openFile(path string) (io.ReadCloser, error) { return os.Open(path) }

// hasher handles jobs. Any number of its calls run at once.
type hasher struct {
	open    opener
	results *producer.Producer
	ledger  *ledger
	claims  *claims
}

// handle has one file hashed, unless that is done or being done.
func (h *hasher) handle(ctx context.Context, j job) error {
	id := ""
	if m, ok := worker.FromContext(ctx); ok {
		id = m.ID
	}
	c := claim{j.Run, string(j.Path)}
	mine, err := h.claims.take(c, id)
	if !mine {
		return err
	}
	err = h.hash(ctx, j)
	h.claims.settle(c, err == nil)
	return err
}

// hash hashes one file, writes the result into the ledger and sends it. The job is done only after
// that, so that a crash in between repeats the job and loses nothing; the collector does not mind a
// second result.
func (h *hasher) hash(ctx context.Context, j job) error {
	sum, err := h.sum(ctx, string(j.Path))
	if err == nil {
		return h.send(ctx, entryHashed, result{Run: j.Run, Path: j.Path, Sum: sum})
	}
	if ctx.Err() != nil {
		return err // we were told to stop: nothing is known against the file
	}
	// The dead-letter queue keeps the job, but not why it failed: that is sent while it can be.
	if m, ok := worker.FromContext(ctx); ok && m.Receives >= maxReceives {
		if err := h.send(ctx, entryFailed, result{Run: j.Run, Path: j.Path, Reason: reason(err)}); err != nil {
			return err
		}
	}
	return worker.RetryAfter(retryAfter, err)
}

// send sends a result once it stands in the ledger.
func (h *hasher) send(ctx context.Context, kind entryKind, r result) error {
	if err := h.ledger.keep(entry{Kind: kind, Path: r.Path, Text: r.Sum + r.Reason}); err != nil {
		return err
	}
	_, err := h.results.Send(ctx, producer.JSON(r))
	return err
}

// sum returns the SHA-256 of a file in hex.
func (h *hasher) sum(ctx context.Context, path string) (string, error) {
	f, err := h.open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	digest := sha256.New()
	if _, err := io.Copy(digest, reader{ctx, f}); err != nil {
		return "", err
	}
	return hex.EncodeToString(digest.Sum(nil)), nil
}

// reader stops reading when its context is done: a large file must not hold up a drain, and a job that
// was lost must not be read on.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.r.Read(p)
}

// reason says why a file could not be read, without its path, which the result has already.
func reason(err error) string {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Op + ": " + p.Err.Error()
	}
	return err.Error()
}
