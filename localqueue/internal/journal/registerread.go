package journal

import (
	"errors"
	"fmt"
	"io"
	"slices"
)

// read reads both. The error is a *DamageError if they are not what can be left by a
// log; used: there are segments.
func (g *register) read(names []string, used bool) error {
	var found [2]manifest
	var sound [2]bool
	var bad error
	for slot, name := range manifestNames {
		if !slices.Contains(names, name) {
			continue
		}
		b, err := g.open(slot, name)
		if err != nil {
			return err
		}
		found[slot], err = parseManifest(b)
		if other := (*versionError)(nil); errors.As(err, &other) {
			return fmt.Errorf("%s: %w", name, err)
		}
		sound[slot] = err == nil
		if err != nil && bad == nil {
			bad = &DamageError{name, Pos{}, err.Error() + ", and there is no other; " + takeAll}
		}
	}
	switch {
	case sound[0] && sound[1]:
		return g.both(found)
	case sound[0], sound[1]:
		g.slot = 0
		if sound[1] {
			g.slot = 1
		}
		g.last = found[g.slot]
		return nil
	}
	g.sure = true
	switch {
	case g.files[0] == nil && g.files[1] == nil && used:
		return &DamageError{manifestNames[0], Pos{}, "it is missing, and so is " + manifestNames[1] + ", which say what segments there are; " + takeAll}
	case g.files[0] == nil && g.files[1] == nil:
		g.fresh, g.slot = true, 1
	case g.files[1] == nil && !g.made[0]:
		g.taken = true
	default:
		return bad
	}
	return nil
}

// takeAll says how to go on without a manifest.
const takeAll = "put back what is missing, or, to go on with the segments that are there, copy the directory, remove manifest.0 and manifest.1, and make an empty file manifest.0"

// both takes the newer of two.
func (g *register) both(found [2]manifest) error {
	if found[1].generation > found[0].generation {
		g.slot = 1
	}
	last, other := &found[g.slot], &found[1-g.slot]
	if last.log != other.log || last.generation != other.generation+1 {
		return &DamageError{manifestNames[g.slot], Pos{}, "it is not of the same time or the same log as " + manifestNames[1-g.slot] +
			": files of two directories were mixed; " + takeAll}
	}
	g.last, g.alike, g.closed = *last, last.alike(other), last.closed
	return nil
}

// open opens one and reads it.
func (g *register) open(slot int, name string) ([]byte, error) {
	f, err := g.dir.Open(name)
	if err != nil {
		return nil, err
	}
	g.files[slot] = f
	size, err := f.Size()
	if err != nil {
		return nil, fmt.Errorf("size of %s: %w", name, err)
	}
	g.made[slot] = size > 0
	b := make([]byte, min(size, manifestMost))
	n, err := f.ReadAt(b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return b[:n], nil
}
