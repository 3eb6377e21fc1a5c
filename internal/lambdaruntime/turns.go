package lambdaruntime

import (
	"fmt"
	"time"
)

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
	if limit := p.slot.pool.o.Timeout; !p.gone && p.asking == 0 {
		p.late = time.AfterFunc(limit, func() { p.tooLate(limit) })
	}
	return true
}

// asks notes a next. It reports whether there may be one: not while an event is at hand.
func (p *process) asks() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running != nil {
		return false
	}
	p.inTime()
	p.asking++
	if p.nexts++; p.nexts == 1 {
		p.slot.mend()
		close(p.ready)
	}
	return true
}

// asked notes that a next has ended.
func (p *process) asked() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asking--
}

// inTime notes that the process has asked for an event; p.mu is held.
func (p *process) inTime() {
	if p.late != nil {
		p.late.Stop()
		p.late = nil
	}
}

// tooLate kills the process, which has not asked for an event, unless it has just done so.
func (p *process) tooLate(limit time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.late != nil {
		p.killLocked(&FunctionError{typeTimeout, fmt.Sprintf("the process answered, and did not ask for the next event within %v", limit)})
	}
}
