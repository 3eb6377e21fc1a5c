package journal

import "slices"

// enlist brings the manifest up to date with what recovery found.
func (r *recovery) enlist() error {
	l := r.l
	if !r.named {
		l.log = randomLog()
	}
	l.leaving = slices.Concat(r.gone, r.small)
	for r.changed || !l.register.made[0] || !l.register.made[1] {
		if err := l.register.save(l.roll(nil)); err != nil {
			return err
		}
		r.changed = false
	}
	return nil
}

// tidy removes files that are worth nothing, and finds those to be written again.
func (r *recovery) tidy(names []string) error {
	l := r.l
	var waste []string
	for _, n := range numbers(names, suffixDraft) {
		waste = append(waste, fileName(n, suffixDraft))
	}
	for _, n := range slices.Concat(r.gone, r.small) {
		waste = append(waste, segmentName(n))
	}
	if slices.Contains(names, manifestDraft) && !l.register.drafted {
		waste = append(waste, manifestDraft)
	}
	for _, n := range numbers(names, suffixSpare) {
		name := fileName(n, suffixSpare)
		if good, err := l.reusable(name); err != nil {
			return err
		} else if good {
			l.spares = append(l.spares, name)
		} else {
			waste = append(waste, name)
		}
	}
	for _, name := range waste {
		if err := l.dir.Remove(name); err != nil {
			return err
		}
	}
	if len(waste) == 0 {
		return nil
	}
	if err := l.syncNames(); err != nil {
		return err
	}
	l.leaving = nil
	return nil
}

// reusable reports whether a dropped segment may be written again.
func (l *Log) reusable(name string) (bool, error) {
	f, err := l.dir.Open(name)
	if err != nil {
		return false, err
	}
	size, err := f.Size()
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err == nil && size == l.opts.SegmentSize && len(l.spares) < l.opts.Spares, err
}
