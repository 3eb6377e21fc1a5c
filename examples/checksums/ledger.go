package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// A ledger is the file in which a run with -dir writes down what must outlive its process: the
// files found, and what became of each. It grows at its end only, a line of JSON for an entry.
//
// What is true at any time, whatever ends the process: a job is deleted only when its outcome stands
// in the ledger, on the disk; and "walked" stands there only when every job has been sent. So a file
// is in the ledger with its outcome, or its job is in the queue, or the directory is walked again.
//
// A nil *ledger keeps nothing: it is that of a run in memory.
type ledger struct {
	file *os.File

	mu      sync.Mutex
	written int   // entries
	err     error // the first, which ends the run

	syncing sync.Mutex // held while the disk is waited for; taken before mu
	synced  int        // entries on the disk
}

// An entry is one line of the ledger.
type entry struct {
	Kind entryKind
	Path []byte `json:",omitempty"`
	Abs  []byte `json:",omitempty"` // of a run: where Path is
	Text string `json:",omitempty"` // of a run its id, of an outcome its sum or reason
}

type entryKind string

const (
	entryRun      entryKind = "run"      // the first line: the directory, and the id of the run
	entryFound    entryKind = "found"    // a file whose job is about to be sent
	entryUnlisted entryKind = "unlisted" // a directory that could not be walked
	entryWalked   entryKind = "walked"   // every job has been sent
	entryHashed   entryKind = "hashed"
	entryFailed   entryKind = "failed" // a file that could not be read, for good
)

// openLedger opens the ledger in a file, or makes one, and returns what it holds so far. A last line
// that was not written to its end is cut off.
func openLedger(name string) (*ledger, []entry, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, nil, err
	}
	entries, whole, err := readLedger(f)
	if err == nil {
		err = f.Truncate(whole)
	}
	if err == nil {
		_, err = f.Seek(whole, io.SeekStart)
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return &ledger{file: f}, entries, nil
}

// readLedger returns the entries of all whole lines, and how many bytes these are.
func readLedger(r io.Reader) (entries []entry, whole int64, err error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, 0, err
	}
	for {
		line, rest, found := bytes.Cut(text, []byte("\n"))
		var e entry
		if torn := !found || json.Unmarshal(line, &e) != nil; torn {
			return entries, whole, nil
		}
		entries = append(entries, e)
		whole += int64(len(line)) + 1
		text = rest
	}
}

// add writes an entry; the system has it, the disk perhaps not yet.
func (l *ledger) add(e entry) error {
	if l == nil {
		return nil
	}
	_, err := l.write(e)
	return err
}

// keep writes an entry and returns when it is on the disk, with all those before it. One sync serves
// all who wait for it.
func (l *ledger) keep(e entry) error {
	if l == nil {
		return nil
	}
	mine, err := l.write(e)
	if err != nil {
		return err
	}
	l.syncing.Lock()
	defer l.syncing.Unlock()
	if mine <= l.synced {
		return nil
	}
	l.mu.Lock()
	written, err := l.written, l.err
	l.mu.Unlock()
	if err != nil {
		return err // a sync after one that failed proves nothing
	}
	if err := l.file.Sync(); err != nil {
		return l.fail(err)
	}
	l.synced = written
	return nil
}

func (l *ledger) write(e entry) (number int, err error) {
	text, err := json.Marshal(e)
	if err != nil {
		return 0, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return 0, l.err
	}
	if _, err := l.file.Write(append(text, '\n')); err != nil {
		l.err = fmt.Errorf("the ledger: %w", err)
		return 0, l.err
	}
	l.written++
	return l.written, nil
}

// fail ends the ledger: what a failed sync left on the disk is not known.
func (l *ledger) fail(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.err = fmt.Errorf("the ledger: %w", err)
	}
	return l.err
}

func (l *ledger) close() error {
	if l == nil {
		return nil
	}
	return l.file.Close()
}

// broken is the error that ended the ledger, nil if none did.
func (l *ledger) broken() error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}
