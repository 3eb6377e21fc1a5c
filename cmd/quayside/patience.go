package main

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// How long a connection may take for what it does. The longest request is a receive
// that waits 20 s.
const (
	newLimit     = 30 * time.Second // from its beginning to the end of the first request's headers
	requestLimit = time.Minute      // from there to the end of the reply: body, poll, reply
	idleLimit    = 2 * time.Minute  // from there to the end of the next request's headers
	sweepEvery   = 5 * time.Second  // limits are passed by this much at most
)

// patience is a listener that closes connections which pass these limits. It is
// there for its price: the timeouts of http.Server set and clear a timer several
// times a request, which a small request feels; this costs two stores.
//
//	accepted: new ──▶ active ──▶ idle     as http.Server tells state
//	                    ▲──────────┘      run closes who stays too long in one
type patience struct {
	net.Listener
	sweeps atomic.Int64 // so far: the clock of everything here

	mu    sync.Mutex
	conns map[*patientConn]struct{}
}

// patientConn knows since which sweep it is in which state.
type patientConn struct {
	net.Conn
	owner *patience
	now   atomic.Int64 // sweep<<2 | state
}

func newPatience(l net.Listener) *patience {
	return &patience{Listener: l, conns: map[*patientConn]struct{}{}}
}

// Accept waits for the next connection.
func (p *patience) Accept() (net.Conn, error) {
	c, err := p.Listener.Accept()
	if err != nil {
		return nil, err
	}
	patient := &patientConn{Conn: c, owner: p}
	patient.enter(http.StateNew)
	p.mu.Lock()
	p.conns[patient] = struct{}{}
	p.mu.Unlock()
	return patient, nil
}

// Close ends the connection, and that it is watched.
func (c *patientConn) Close() error {
	c.owner.mu.Lock()
	delete(c.owner.conns, c)
	c.owner.mu.Unlock()
	return c.Conn.Close()
}

func (c *patientConn) enter(s http.ConnState) { c.now.Store(c.owner.sweeps.Load()<<2 | int64(s)) }

// state is http.Server.ConnState.
func (p *patience) state(c net.Conn, s http.ConnState) {
	if secure, ok := c.(*tls.Conn); ok {
		c = secure.NetConn()
	}
	if patient, ok := c.(*patientConn); ok && (s == http.StateActive || s == http.StateIdle) {
		patient.enter(s)
	}
}

// run sweeps until ctx ends.
func (p *patience) run(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			p.sweep()
		}
	}
}

// sweep closes the connections whose time is over.
func (p *patience) sweep() {
	sweep := p.sweeps.Add(1)
	var late []*patientConn
	p.mu.Lock()
	for c := range p.conns {
		now := c.now.Load()
		if time.Duration(sweep-now>>2)*sweepEvery > limitOf(http.ConnState(now&3)) {
			late = append(late, c)
		}
	}
	p.mu.Unlock()
	for _, c := range late {
		_ = c.Close() // whoever reads or writes it finds out
	}
}

func limitOf(s http.ConnState) time.Duration {
	switch s {
	case http.StateNew:
		return newLimit
	case http.StateActive:
		return requestLimit
	}
	return idleLimit
}
