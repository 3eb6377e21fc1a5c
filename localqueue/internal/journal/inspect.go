package journal

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
)

// Inspect reads the log in path as Open does, from footers where they can be trusted
// or, if whole, every byte of its segments; but it changes nothing, opens nothing for
// writing, and takes damage for a finding, not for an error: what was replayed stood
// before it. It locks the directory meanwhile, if that was ever locked. The errors
// are those of replay and of the system, *InUseError, and that there is no log.
func Inspect(path string, whole bool, replay func(Entry) error) (Report, error) {
	report, err := inspect(path, whole, replay)
	if err != nil {
		return report, fmt.Errorf("inspect journal: %w", err)
	}
	return report, nil
}

func inspect(path string, whole bool, replay func(Entry) error) (report Report, err error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return report, err
	}
	defer root.Close()
	lock, err := lockAsIs(root)
	if err != nil {
		return report, err
	}
	if lock != nil {
		defer lock.Close()
	}
	dir := readOnly{&Directory{root, lock}}
	names, err := dir.List()
	if err != nil {
		return report, err
	}
	if len(numbers(names, suffixLive)) == 0 && !slices.ContainsFunc(manifestNames[:], func(n string) bool { return slices.Contains(names, n) }) {
		return report, fmt.Errorf("no journal in %s", path)
	}
	return look(dir, names, whole, replay)
}

// look is recovery without its consequences. If the manifest is damaged, it goes on with
// the segments that are there.
func look(dir Dir, names []string, whole bool, replay func(Entry) error) (report Report, err error) {
	r := &recovery{l: newLog(dir, Options{}), report: &report, replay: replay, whole: whole, lenient: true, marked: true}
	defer r.l.closeFiles()
	list, unlisted := r.survey(names)
	if unlisted != nil && !errors.As(unlisted, new(*DamageError)) {
		return report, unlisted
	}
	_, _, err = r.run(list)
	if err == nil || errors.As(err, new(*DamageError)) {
		err = cmp.Or(unlisted, err)
	}
	if errors.As(err, &report.Damage) {
		r.rest()
		return report, nil
	}
	return report, err
}

// rest lists the segments that were not replayed, since they stand behind damage.
func (r *recovery) rest() {
	for _, s := range slices.Concat(r.found, r.behind) {
		if n := len(r.report.Segments); n > 0 && s.number <= r.report.Segments[n-1].Number {
			continue
		}
		info := SegmentInfo{Number: s.number, Size: s.size}
		if s.trailer != nil {
			info.Used, info.Sealed = int64(s.trailer.end), true
		}
		r.report.Segments = append(r.report.Segments, info)
	}
}

// lockAsIs locks a directory without writing to it; nil: that cannot be done, since it
// was never locked.
func lockAsIs(root *os.Root) (*os.File, error) {
	f, err := takeLockAsIs(root)
	switch {
	case errors.Is(err, errHeld):
		return nil, &InUseError{root.Name(), holder(root)}
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	}
	return f, err
}

// readOnly is a directory in which nothing can be changed.
type readOnly struct{ *Directory }

func (d readOnly) Open(name string) (File, error) { return d.open(name, os.O_RDONLY) }

func (d readOnly) Create(name string) (File, error) { return nil, refused("create", name) }
func (d readOnly) Rename(from, _ string) error      { return refused("rename", from) }
func (d readOnly) Remove(name string) error         { return refused("remove", name) }
func (d readOnly) Sync() error                      { return refused("sync", d.root.Name()) }

func refused(op, name string) error { return &fs.PathError{Op: op, Path: name, Err: fs.ErrPermission} }
