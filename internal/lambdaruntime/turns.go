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
// must ask for the next one within the function's timeout: until then it is not waiting.
func (p *process) answer(id string, o outcome) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running == nil || p.running.id != id {
		return false
	}
	p.running.done <- o
	p.running = nil
	p.blamed = o.err != nil // many runtimes exit after an error
	if !p.gone {
		limit := p.slot.pool.o.Timeout
		p.late = time.AfterFunc(limit, func() {
			p.kill(&FunctionError{typeTimeout, fmt.Sprintf("the process answered, and did not ask for the next event within %v", limit)})
		})
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
	if p.late != nil {
		p.late.Stop()
		p.late = nil
	}
	if p.nexts++; p.nexts == 1 {
		p.slot.mend()
		close(p.ready)
	}
	return true
}
