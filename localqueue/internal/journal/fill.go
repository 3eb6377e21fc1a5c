package journal

import "time"

// retryAtMost is how long the filler waits between its tries on a full disk in the end.
const retryAtMost = 2 * time.Second

// fill keeps segments ready to be written and gives back the space of dropped
// ones: the only goroutine that creates, renames or removes files.
func (l *Log) fill() {
	defer l.running.Done()
	defer l.dismiss()
	for {
		work, end := l.chores()
		if end {
			return
		}
		if !work {
			<-l.fills
			continue
		}
		err := l.bury()
		if err == nil {
			err = l.prepare()
		}
		switch {
		case heals(err):
			l.lack(err)
			l.setFull(true)
			l.doze()
		case err != nil:
			l.fail(err)
			return
		default:
			l.pause = 0
			l.setFull(false)
		}
	}
}

// chores reports whether there is anything to do, and whether there never will be.
// What was dropped is put away even while the log is being closed.
func (l *Log) chores() (work, end bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.err != nil:
		return false, true
	case l.closing:
		work = len(l.dead) > 0 && !l.full
		return work, !work
	}
	work = len(l.dead) > 0 || l.buried != nil || len(l.ready) < max(l.ahead(), l.wanted)
	l.full = l.full && work // whoever wants more may ask again
	return work, false
}

func (l *Log) setFull(full bool) {
	l.mu.Lock()
	l.full = full
	l.mu.Unlock()
	l.room.Broadcast()
	if full && l.opts.Full != nil {
		l.opts.Full()
	}
}

// lack notes why no segment can be made, for those who are refused.
func (l *Log) lack(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wanting = ErrFull
	if !diskFull(err) {
		l.wanting = &Shortage{err}
	}
}

// doze waits until it is worth looking again whether the disk has room: longer with each
// try in vain, until segments are dropped.
func (l *Log) doze() {
	l.pause = min(max(2*l.pause, retryAfter), retryAtMost)
	timer := time.NewTimer(l.pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-l.fills:
	}
}
