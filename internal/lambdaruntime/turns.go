package lambdaruntime

import (
	"fmt"
	"time"
)

// atHand is why there may be no next.
const atHand = "the event at hand must be answered before the next one"

// take takes an event for the process, at a next of it that waits for one, and reports
// whether it did: not if the process is gone.
func (p *process) take(inv *invocation) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone || p.running != nil {
		return false
	}
	p.inTime()
	p.running = inv
	p.events++
	p.blamed = false
	return true
}

// busy reports whether the process can take no event.
func (p *process) busy() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gone || p.running != nil
}

// abandon reports whether the event was still at hand; no answer to it is accepted any more.
func (p *process) abandon(inv *invocation) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running != inv {
		return false
	}
	p.running = nil
	p.blamed = true
	return true
}

// answer settles the event of that id. It reports whether that was at hand. The process
// must ask for the next one within the function's timeout, if it has not done so already.
func (p *process) answer(id string, o outcome) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running == nil || p.running.id != id {
		return false
	}
	p.running.done <- o
	p.running = nil
	p.blamed = o.err != nil // many runtimes exit after an error
	p.mustAsk("answered")
	return true
}

// asks notes a next, or says why there may be none.
func (p *process) asks() (refused string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.failed:
		return "the function has said that it cannot start"
	case p.running != nil:
		return atHand
	}
	p.inTime()
	p.asking++
	if p.nexts++; p.nexts == 1 {
		p.slot.mend()
		close(p.ready)
	}
	return ""
}

// fails notes that the function cannot start. It reports whether that may be: not once the
// process has asked for an event.
func (p *process) fails() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failed = p.nexts == 0
	return p.failed
}

// asked notes that a next has ended: with an event, or the client has hung up.
func (p *process) asked() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asking--
	p.mustAsk("hung up")
}

// mustAsk has the process killed if it asks for no event within the function's timeout, unless
// it does so now or has one at hand, or the pool is being closed; p.mu is held.
func (p *process) mustAsk(did string) {
	if p.gone || p.asking > 0 || p.running != nil || p.late != nil || p.slot.pool.ctx.Err() != nil {
		return
	}
	limit, nexts := p.slot.pool.o.Timeout, p.nexts
	p.late = time.AfterFunc(limit, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.late != nil && p.nexts == nexts { // else it has just done so
			p.killLocked(&FunctionError{typeTimeout, fmt.Sprintf("the process %s, and did not ask for the next event within %v", did, limit)})
		}
	})
}

// inTime notes that the process has asked for an event; p.mu is held.
func (p *process) inTime() {
	if p.late != nil {
		p.late.Stop()
		p.late = nil
	}
}
