package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"golang.org/x/net/netutil"
)

// keepAlive finds out within 30 s that a silent client's machine is gone, so that
// nothing is kept for it.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}

// maxConnections bounds what connections cost; the next one waits until one of
// them ends. A parked long poll takes about 23 KB (make bench-wire prints it).
const maxConnections = 20_000

// listen takes the address of --addr.
func listen(ctx context.Context, addr string) (net.Listener, error) {
	config := net.ListenConfig{KeepAliveConfig: keepAlive}
	l, err := config.Listen(ctx, "tcp", addr)
	if err == nil {
		return netutil.LimitListener(l, maxConnections), nil
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("listen on %s: the address is in use; stop who uses it, or choose another --addr", addr)
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		err = op.Err // without the address again
	}
	return nil, fmt.Errorf("listen on %s: %w", addr, err)
}

// loadTLS reads the files of --tls-cert and --tls-key; nil without them.
func loadTLS(cert, key string) (*tls.Config, error) {
	if cert == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("--tls-cert %s, --tls-key %s: %w", cert, key, err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}}, nil
}

// endpoint is the URL at which clients on this machine reach the listener: by the
// name that --addr gave, which a certificate may be for, or by its address.
func endpoint(addr string, l net.Listener, secure bool) string {
	host, _, _ := net.SplitHostPort(addr) // checked with the flags
	at := l.Addr().(*net.TCPAddr)
	if _, err := netip.ParseAddr(host); err == nil || host == "" {
		host = at.IP.String()
		if at.IP.IsUnspecified() {
			host = "127.0.0.1"
		}
	}
	u := url.URL{Scheme: "http", Host: net.JoinHostPort(host, fmt.Sprint(at.Port))}
	if secure {
		u.Scheme = "https"
	}
	return u.String()
}

func isLoopback(l net.Listener) bool { return l.Addr().(*net.TCPAddr).IP.IsLoopback() }
