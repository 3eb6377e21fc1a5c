package journal

import (
	"errors"
	"fmt"
	"io/fs"
)

// The manifest stands in two files, which are overwritten in turn: whatever a crash does
// to the one, the other is whole. manifestDraft becomes one of them.
var manifestNames = [2]string{"manifest.0", "manifest.1"}

const manifestDraft = "manifest.new"

// register keeps the manifest. It is the filler's own, and that of Open and Close when
// there is none. Its files stay open, and are as long as they have to be, so that neither
// a full disk nor a full table of files keeps a segment from being dropped.
type register struct {
	dir     Dir
	files   [2]File // nil: there is none
	made    [2]bool // it has its room
	last    manifest
	slot    int  // where last stands; the next one goes to the other
	sure    bool // last is on the disk, or there is none
	alike   bool // the other one says the same of segments
	fresh   bool // there is no manifest: this is a new log
	taken   bool // there is an empty one: what is there is the log
	closed  bool // Close wrote the newest, as the other one shows, which it follows
	drafted bool // what stood under manifestDraft has become one of them
}

// confirm writes the newest once more: it may only be what the system remembers after a
// sync that failed. Where the other one says the same of segments, nothing hangs on it.
func (g *register) confirm() error {
	if g.sure || g.alike {
		return nil
	}
	return g.insist()
}

func (g *register) insist() error {
	if err := g.put(g.slot, g.last.append(nil)); err != nil {
		return err
	}
	g.sure = true
	return nil
}

// save makes m the newest, in place of the older one. The one before must be on the disk:
// it is what a crash leaves if it tears this one.
func (g *register) save(m manifest) error {
	if !g.sure {
		if err := g.insist(); err != nil {
			return err
		}
	}
	m.generation = g.last.generation + 1
	if err := g.put(1-g.slot, m.append(nil)); err != nil {
		return err
	}
	g.last, g.slot, g.fresh, g.taken = m, 1-g.slot, false, false
	return nil
}

// put overwrites one and syncs it.
func (g *register) put(slot int, b []byte) error {
	if g.files[slot] == nil {
		return g.make(slot, b)
	}
	if _, err := g.files[slot].WriteAt(b, 0); err != nil {
		return fmt.Errorf("write %s: %w", manifestNames[slot], err)
	}
	if err := g.files[slot].Sync(); err != nil {
		return &syncError{manifestNames[slot], err}
	}
	g.made[slot] = true
	return nil
}

// make makes one that is whole before it has its name.
func (g *register) make(slot int, b []byte) error {
	f, err := g.dir.Create(manifestDraft)
	if errors.Is(err, fs.ErrExist) { // a crash left it
		f, err = g.dir.Open(manifestDraft)
	}
	if err != nil {
		return err
	}
	_, err = f.WriteAt(b, 0)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", manifestDraft, err)
	}
	if err := g.dir.Rename(manifestDraft, manifestNames[slot]); err != nil {
		return err
	}
	if err := g.dir.Sync(); err != nil {
		return &syncError{"the directory", err}
	}
	f, err = g.dir.Open(manifestNames[slot])
	if err != nil {
		return err
	}
	g.files[slot], g.made[slot], g.drafted = f, true, true
	return nil
}

func (g *register) close() {
	for _, f := range g.files {
		if f != nil {
			_ = f.Close() // synced, or of no use
		}
	}
}
