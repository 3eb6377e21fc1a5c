package worker

import "time"

// run is the goroutine of requests, the first of which is that of batch.
func (l *lane) run(batch []entry) {
	next := make(chan []entry, 1)
	for batch != nil {
		again := l.send(batch)
		if l.ended(batch, again, next) {
			return
		}
		batch = <-next // nil when the lane is closed
	}
}

// ended takes note of the end of a request, and of who waits for the next. It reports
// whether there will be none.
func (l *lane) ended(batch, again []entry, next chan []entry) (over bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy--
	l.size -= len(batch) - len(again)
	for _, e := range again {
		if latest := time.Now().Add(backoff(1)); l.hurried && e.due.After(latest) {
			e.due = latest
		}
		l.postponeLocked(e)
	}
	if over = l.closed; !over {
		l.idle = append(l.idle, next)
	}
	if l.flushes && l.busy == 0 {
		l.flushes = false
		l.flushLocked()
	} else {
		l.startLocked()
	}
	if l.fewer != nil {
		close(l.fewer)
		l.fewer = nil
	}
	return over
}

// close waits for the last request and ends the goroutines. Nothing may be waiting.
func (l *lane) close() {
	l.mu.Lock()
	l.closed = true
	for _, next := range l.idle {
		close(next)
	}
	l.idle = nil
	l.mu.Unlock()
	l.wg.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.timer != nil {
		l.timer.Stop()
	}
}
