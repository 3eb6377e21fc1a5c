package engine

// Delete removes q from the registry. Queues that use q as their dead-letter
// queue keep their policy.
func (e *Engine) Delete(now Time, q *Queue) {
	if q.Deleted {
		return
	}
	e.forget(now)
	if q.log != nil && !e.bury(q.log, q.Number, now) {
		return // the log says why itself
	}
	q.Deleted = true
	if q.running() != nil {
		q.end(Cancelled, "")
	}
	delete(e.queues, q.Name)
	if !e.Relaxed {
		e.reusable[q.Name] = now + recreateAfter
		e.deleted = append(e.deleted, q.Name)
	}
	e.numbered[q.Number-1] = nil
	if s, ok := q.Messages.(*store); ok && q.log != nil {
		s.end()
	}
}

// forget drops the names that may be used again.
func (e *Engine) forget(now Time) {
	for len(e.deleted) > 0 && e.reusable[e.deleted[0]] <= now {
		delete(e.reusable, e.deleted[0])
		e.deleted = e.deleted[1:]
	}
}

// Purge removes all messages of q.
func (e *Engine) Purge(now Time, q *Queue) error {
	if !e.Relaxed && now < q.purgeable {
		return Errorf(CodePurgeInProgress, "Only one PurgeQueue operation on %s is allowed every 60 seconds.", q.Name.Queue)
	}
	s, ok := q.Messages.(*store)
	var purged uint64
	if ok {
		purged, s.purged = s.purged, s.seq // on disk before anything goes
	}
	if e.change(now, q, func() { q.purgeable = now + purgeAfter }) {
		q.Messages.Purge(now)
	} else if ok {
		s.purged = purged
	}
	return nil
}
