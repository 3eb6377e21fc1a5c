package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// What stands in the directory of -dir.
const (
	queuesName = "queues" // localqueue's
	ledgerName = "ledger"
	overName   = "over" // the queues of a run that is over, being removed
)

// A past is what earlier processes of the same run have done, and what keeps on recording it.
type past struct {
	run     string
	entries []entry
	ledger  *ledger // nil without -dir
}

// walked reports whether all jobs have been sent.
func (p past) walked() bool {
	for _, e := range p.entries {
		if e.Kind == entryWalked {
			return true
		}
	}
	return false
}

// prepare makes the directory of -dir, or refuses one whose files would be hashed with the rest.
func prepare(dir, root string) error {
	if dir == "" {
		return nil
	}
	inside, err := beneath(dir, root)
	if err != nil {
		return err
	}
	if inside {
		return fmt.Errorf("-dir %s is beneath %s: its own files would be hashed; choose a directory elsewhere", dir, root)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.RemoveAll(filepath.Join(dir, overName))
}

// beneath reports whether dir, which need not exist, is root or in it.
func beneath(dir, root string) (bool, error) {
	top, err := os.Stat(root)
	if err != nil {
		return false, err
	}
	at, err := filepath.Abs(dir)
	for ; err == nil; at = filepath.Dir(at) {
		if info, err := os.Stat(at); err == nil && os.SameFile(info, top) {
			return true, nil
		}
		if at == filepath.Dir(at) {
			return false, nil
		}
	}
	return false, err
}

// remember opens the ledger in dir and reads how far the run over root is, or begins one.
func remember(dir, root string) (past, error) {
	if dir == "" {
		return past{run: rand.Text()}, nil
	}
	abs, err := filepath.Abs(root)
	if err != nil {
		return past{}, err
	}
	l, entries, err := openLedger(filepath.Join(dir, ledgerName))
	if err != nil {
		return past{}, err
	}
	begun := entry{Kind: entryRun, Path: []byte(root), Abs: []byte(abs), Text: rand.Text()}
	if len(entries) == 0 {
		err = errors.Join(l.keep(begun), syncDir(dir))
		entries = []entry{begun}
	} else if e := entries[0]; e.Kind != entryRun || !bytes.Equal(e.Path, begun.Path) || !bytes.Equal(e.Abs, begun.Abs) {
		err = fmt.Errorf("-dir %s has the run over %q, which is %q, not finished yet: run that again to finish it, or remove the directory", dir, e.Path, e.Abs)
	}
	if err != nil {
		return past{}, errors.Join(err, l.close())
	}
	return past{entries[0].Text, entries, l}, nil
}

// forget ends the run in dir, so that the next one there begins anew. The queues go at once, by
// their name, and before the ledger: if this is cut short, the ledger still knows all sums.
func forget(dir string) error {
	if dir == "" {
		return nil
	}
	over := filepath.Join(dir, overName)
	err := os.Rename(filepath.Join(dir, queuesName), over)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return errors.Join(os.RemoveAll(over), os.Remove(filepath.Join(dir, ledgerName)))
}
