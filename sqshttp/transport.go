package sqshttp

import (
	"net"
	"net/http"
	"time"
)

// IdleConns is how many idle connections per host a transport of NewTransport
// keeps. A request under way needs one: a poller most of the time, a batch of
// messages sent or deleted for some milliseconds.
const IdleConns = 256

const (
	connectTimeout = 10 * time.Second // for TCP, and again for TLS
	idleTimeout    = 90 * time.Second
	headerTimeout  = 30 * time.Second // a long poll is answered within 20 s
)

// NewTransport returns a transport as [New] uses it, for changes to it before
// anybody does. It
//
//   - keeps [IdleConns] idle connections per host, for 90 seconds, and does not
//     limit their sum over all hosts, nor those in use; with more requests than
//     that at once, raise MaxIdleConnsPerHost;
//   - gives a connection 10 seconds to open and 10 more for TLS, and the header of
//     a reply 30 seconds from when the request is sent, which leaves 10 to spare
//     after a long poll;
//   - speaks HTTP/1.1, so that every request under way has a connection to itself,
//     and does not ask for compression;
//   - obeys the proxies of the environment ([http.ProxyFromEnvironment]).
//
// It belongs to the caller and shares no connections with other transports.
func NewTransport() *http.Transport {
	http1 := new(http.Protocols)
	http1.SetHTTP1(true)
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: connectTimeout}).DialContext,
		TLSHandshakeTimeout:   connectTimeout,
		ResponseHeaderTimeout: headerTimeout,
		MaxIdleConnsPerHost:   IdleConns,
		IdleConnTimeout:       idleTimeout,
		DisableCompression:    true,
		Protocols:             http1,
	}
}
