package journal

import "time"

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
			l.setFull(true)
			l.doze()
		case err != nil:
			l.fail(err)
			return
		default:
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
	work = len(l.dead) > 0 || l.buried != nil || len(l.ready) < max(ahead, l.wanted)
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

// doze waits until it is worth looking again whether the disk has room.
func (l *Log) doze() {
	timer := time.NewTimer(retryAfter)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-l.fills:
	}
}
