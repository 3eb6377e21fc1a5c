package worker

// A grant is what a poll may bring: messages that can start at once, and messages
// that will wait in the buffer.
type grant struct {
	permits, places int
}

func (g grant) messages() int { return g.permits + g.places }

// beginPoll takes note of a poll with g, for lendLocked.
func (r *run) beginPoll(g grant) *grant {
	r.mu.Lock()
	r.polls[&g] = struct{}{}
	var started []*chain
	for len(r.buffer.waiting) > 0 && r.lendLocked() {
		c := r.buffer.waiting[0]
		r.buffer.removeLocked(c)
		c.permit = true
		started = append(started, c)
	}
	r.mu.Unlock()
	for _, c := range started {
		r.start(c)
	}
	return &g
}

// endPoll returns what is left of a poll's grant.
func (r *run) endPoll(g *grant) grant {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.polls, g)
	return *g
}

// lendLocked takes the permit of a poll under way for what is at hand: a long poll
// would keep it for nothing. What the poll brings for it waits in the buffer
// instead. run.mu must be held.
func (r *run) lendLocked() bool {
	for g := range r.polls {
		if g.permits > 0 {
			g.permits--
			g.places++
			r.buffer.asked++
			return true
		}
	}
	return false
}

// giveUp gives g back.
func (r *run) giveUp(g grant) {
	r.gates.giveBack(g.messages())
	r.giveUpRoom(g)
}

// giveUpRoom gives back what g has but for the gates'.
func (r *run) giveUpRoom(g grant) {
	r.member.release(g.permits)
	r.buffer.unreserve(g.places)
}

// dispatch starts chains for ms, which a poll with g has brought, or puts them into
// the buffer, and gives back what is left of g.
func (r *run) dispatch(ms []*Message, g grant) {
	if len(ms) > g.messages() { // no queue does this; what cannot start goes back
		r.refuse(ms[g.messages():])
		ms = ms[:g.messages()]
	}
	r.leases.add(ms)
	chains := r.split(ms)
	r.gates.giveBack(g.messages() - len(chains)) // what waits behind others asks when its turn comes
	started, ungranted := chains[:0], 0
	permits := g.permits
	r.mu.Lock()
	for _, c := range chains {
		for _, m := range c.waiting {
			m.chain = c
		}
		first := r.admitLocked(c)
		// What waits behind another, or for a permit while others that have one wait for the
		// gates, asks when its turn comes.
		if first && (permits > 0 || len(r.asking) == 0) {
			c.waiting[0].granted = true
		} else {
			ungranted++
		}
		if permits > 0 {
			permits--
			c.permit = true
			if first {
				started = append(started, c)
			}
			continue
		}
		if first && r.lendLocked() {
			c.permit = true
			started = append(started, c)
			continue
		}
		r.leases.buffer(c.waiting)
		if first {
			r.buffer.addLocked(c)
		} else {
			r.buffer.enterLocked(c)
		}
	}
	if len(r.keyed) == 0 {
		r.readyLocked(started...)
		started = nil
	}
	r.mu.Unlock()
	r.gates.giveBack(ungranted)
	r.member.release(permits)
	r.buffer.unreserve(g.places)
	for _, c := range started {
		r.start(c)
	}
}

// refuse gives messages back that nobody asked for.
func (r *run) refuse(ms []*Message) {
	r.leases.add(ms)
	r.settler.changes.add(r.releases(ms, errUnasked)...)
}
