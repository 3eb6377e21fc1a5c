package model_test

import (
	"errors"
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/naive"
	"github.com/quayside-go/quayside/localqueue/internal/naive/model"
)

// broken is a right implementation with one rule broken.
type broken struct {
	engine.Messages
	configure func(*engine.Settings)
	send      func(*engine.Message)
	receive   func(*engine.Receive)
	deliver   func(*engine.Delivery)
	handle    func(*engine.Handle)
	release   func(*engine.Handle)
	arrive    func(*engine.Moved)
	counts    func(*engine.Counts)
	next      func(engine.Time) engine.Time
	purge     func()
	check     func() error
}

func (b *broken) Configure(now engine.Time, s engine.Settings) {
	if b.configure != nil {
		b.configure(&s)
	}
	b.Messages.Configure(now, s)
}

func (b *broken) Send(now engine.Time, m *engine.Message) engine.Sent {
	wrong := *m
	if b.send != nil {
		b.send(&wrong)
	}
	return b.Messages.Send(now, &wrong)
}

func (b *broken) Receive(now engine.Time, r engine.Receive, dead engine.Messages, out *engine.Batch) bool {
	if b.receive != nil {
		b.receive(&r)
	}
	over := b.Messages.Receive(now, r, dead, out)
	if b.deliver != nil {
		for i := range out.Deliveries {
			b.deliver(&out.Deliveries[i])
		}
	}
	return over
}

func (b *broken) Delete(now engine.Time, h engine.Handle) engine.Verdict {
	if b.handle != nil {
		b.handle(&h)
	}
	return b.Messages.Delete(now, h)
}

func (b *broken) ChangeVisibility(now engine.Time, h engine.Handle, d time.Duration) engine.Verdict {
	if b.handle != nil {
		b.handle(&h)
	}
	return b.Messages.ChangeVisibility(now, h, d)
}

func (b *broken) Release(now engine.Time, h engine.Handle) bool {
	if b.release != nil {
		b.release(&h)
	}
	return b.Messages.Release(now, h)
}

func (b *broken) Arrive(now engine.Time, m *engine.Moved) uint64 {
	wrong := *m
	if b.arrive != nil {
		b.arrive(&wrong)
	}
	return b.Messages.Arrive(now, &wrong)
}

func (b *broken) Counts(now engine.Time) engine.Counts {
	c := b.Messages.Counts(now)
	if b.counts != nil {
		b.counts(&c)
	}
	return c
}

func (b *broken) Next(now engine.Time) engine.Time {
	if b.next != nil {
		return b.next(b.Messages.Next(now))
	}
	return b.Messages.Next(now)
}

func (b *broken) Purge(now engine.Time) {
	if b.purge != nil {
		b.purge()
		return
	}
	b.Messages.Purge(now)
}

func (b *broken) Check() error {
	if b.check != nil {
		return b.check()
	}
	return b.Messages.Check()
}

func TestEveryBrokenRuleIsFound(t *testing.T) {
	t.Parallel()
	for name, rule := range map[string]broken{
		"timeouts end late":            {receive: func(r *engine.Receive) { r.Visibility += min(r.Visibility, 1) }},
		"timeout 0 is one of 1ns":      {receive: func(r *engine.Receive) { r.Visibility = max(r.Visibility, 1) }},
		"delays end late":              {send: func(m *engine.Message) { m.Delay += min(m.Delay, 1) }},
		"the queue's delay ends late":  {configure: func(s *engine.Settings) { s.Delay += min(s.Delay, 1) }},
		"no delay means 0":             {send: func(m *engine.Message) { m.Delay = max(m.Delay, 0) }},
		"retention ends late":          {configure: func(s *engine.Settings) { s.Retention++ }},
		"retention ends early":         {configure: func(s *engine.Settings) { s.Retention-- }},
		"one receive too many":         {configure: func(s *engine.Settings) { s.MaxReceives += min(s.MaxReceives, 1) }},
		"one too many in flight":       {configure: func(s *engine.Settings) { s.MaxInFlight++ }},
		"no window":                    {configure: func(s *engine.Settings) { s.Window = 0 }},
		"scope is always the queue":    {configure: func(s *engine.Settings) { s.GroupScope = false }},
		"scope is always the group":    {configure: func(s *engine.Settings) { s.GroupScope = true }},
		"no groups":                    {send: func(m *engine.Message) { m.Group = "" }},
		"arrivals have no group":       {arrive: func(m *engine.Moved) { m.Group = "" }},
		"attempts are ignored":         {receive: func(r *engine.Receive) { r.Attempt = "" }},
		"one message too few":          {receive: func(r *engine.Receive) { r.Max = max(1, r.Max-1) }},
		"handles live longer":          {handle: func(h *engine.Handle) { h.At++ }},
		"handles die early":            {handle: func(h *engine.Handle) { h.At-- }},
		"any handle will do":           {handle: func(h *engine.Handle) { h.Seq &= 0xffff }},
		"no message is released":       {release: func(h *engine.Handle) { h.Seq = 0 }},
		"any receive is released":      {release: func(h *engine.Handle) { h.Receive++ }},
		"arrivals are new":             {arrive: func(m *engine.Moved) { m.Receives, m.First = 0, 0 }},
		"arrivals are numbered anew":   {arrive: func(m *engine.Moved) { m.Origin.Seq++ }},
		"arrivals have no source":      {arrive: func(m *engine.Moved) { m.Source = 0 }},
		"the first receive is late":    {deliver: func(d *engine.Delivery) { d.First += int64(time.Millisecond) }},
		"bodies are mixed up":          {deliver: func(d *engine.Delivery) { d.Blob = []byte("message 1") }},
		"checksums are lost":           {deliver: func(d *engine.Delivery) { d.MD5[2] = 0 }},
		"the send time is lost":        {deliver: func(d *engine.Delivery) { d.Sent = 0 }},
		"receives are not counted":     {deliver: func(d *engine.Delivery) { d.Receives = 1 }},
		"delayed messages are visible": {counts: func(c *engine.Counts) { c.Visible, c.Delayed = c.Visible+c.Delayed, 0 }},
		"the alarm is late":            {next: func(t engine.Time) engine.Time { return t + min(1, engine.Never-t) }},
		"there is no alarm":            {next: func(engine.Time) engine.Time { return engine.Never }},
		"purge does nothing":           {purge: func() {}},
		"an invariant is broken":       {check: func() error { return errors.New("broken") }},
		"it panics":                    {purge: func() { panic("broken") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wrong := func(queue uint32) engine.Messages {
				rule := rule
				rule.Messages = naive.New(queue)
				return &rule
			}
			for seed := range uint64(100) {
				if model.Diff(model.Script(seed, 200), naive.New, wrong) != nil {
					t.Logf("found by seed %d", seed)
					return
				}
			}
			t.Fatal("not found")
		})
	}
}

func TestShrinkKeepsTheDifference(t *testing.T) {
	t.Parallel()
	wrong := func(queue uint32) engine.Messages {
		return &broken{Messages: naive.New(queue), purge: func() {}}
	}
	for seed := uint64(0); ; seed++ {
		script := model.Script(seed, 200)
		if model.Diff(script, naive.New, wrong) == nil {
			continue
		}
		small := model.Shrink(script, naive.New, wrong)
		if model.Diff(small, naive.New, wrong) == nil {
			t.Fatal("the shrunk script does not fail")
		}
		if len(small) > len(script)/8 {
			t.Errorf("%d bytes of script shrank to %d", len(script), len(small))
		}
		return
	}
}
