package localqueue

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Admits returns nil if the request may use a server that asks for no signature,
// otherwise why not. It keeps out what a web page on a foreign site can make the
// browser of this machine send: requests that name that page as their origin, and
// requests to a name that the site bound to this machine's address ("DNS
// rebinding").
//
// ServeHTTP asks by itself, unless it has Options.Credentials and judges requests by
// their signatures. Other handlers on the same port, which tell something that is
// nobody else's business, can do the same.
func (s *Server) Admits(r *http.Request) error {
	if known := s.http.admitted.Load(); known != nil && *known == r.Host {
		// as most requests: the same host as before
	} else if host := hostname(r.Host); s.admitsHost(host) {
		last := r.Host // not the request's own field, which would keep all of it
		s.http.admitted.Store(&last)
	} else {
		return fmt.Errorf("requests to the host name %q are refused, since a foreign web site may have bound that name to this address; "+
			"to allow them, start quayside with --allow-host %s (localqueue.Options.AllowHosts)", host, host)
	}
	if origin, foreign := s.foreignPage(r); foreign {
		return fmt.Errorf("requests of a web page from another origin (%s) are refused; to allow them, start quayside with --allow-origin %s (localqueue.Options.AllowOrigins)",
			origin, origin)
	}
	return nil
}

// header is r.Header.Get for a name in its canonical form.
func header(r *http.Request, name string) string {
	if v := r.Header[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func hostname(host string) string {
	if h, port, err := net.SplitHostPort(host); err == nil && strings.Trim(port, "0123456789") == "" {
		host = h
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

// admitsHost reports whether no foreign site can have bound host to this address:
// the names are not part of the public DNS.
func (s *Server) admitsHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return !strings.Contains(host, ".") ||
		strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".internal") ||
		s.http.host != "" && host == s.http.host ||
		slices.Contains(s.opts.AllowHosts, "*") ||
		slices.ContainsFunc(s.opts.AllowHosts, func(h string) bool { return hostname(h) == host })
}

// foreignPage reports whether a browser sent the request for a page of another
// origin, and which. Browsers name the origin where a page's script sends. Of links
// and images they say "cross-site" or "same-site", but only to loopback addresses
// and over TLS; elsewhere a browser's GET that does something could be anybody's.
func (s *Server) foreignPage(r *http.Request) (origin string, foreign bool) {
	if origin = header(r, "Origin"); origin != "" {
		return origin, !s.allowsOrigin(r, origin)
	}
	switch site := header(r, "Sec-Fetch-Site"); {
	case site == "cross-site", site == "same-site",
		site == "" && r.Method == http.MethodGet && r.URL.RawQuery != "" && strings.HasPrefix(header(r, "User-Agent"), "Mozilla/"):
		return "*", !slices.Contains(s.opts.AllowOrigins, "*")
	}
	return "", false
}

// allowsOrigin reports whether pages of origin may use the server: its own and
// those allowed.
func (s *Server) allowsOrigin(r *http.Request, origin string) bool {
	if slices.Contains(s.opts.AllowOrigins, "*") || slices.Contains(s.opts.AllowOrigins, origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && u.Host == r.Host && (u.Scheme == "https") == (r.TLS != nil)
}

// cors sets what a browser wants to see in a reply to a page of an allowed origin.
// It reports whether the request was no more than the browser asking whether the
// page may send another one.
func (s *Server) cors(w http.ResponseWriter, r *http.Request) (preflight bool) {
	origin := header(r, "Origin")
	if origin == "" || !s.allowsOrigin(r, origin) {
		return false
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	h.Add("Vary", "Origin")
	h.Set("Access-Control-Expose-Headers", "x-amzn-RequestId,x-amzn-query-error,x-amzn-ErrorType,x-amzn-ErrorMessage,Date")
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET,POST")
	if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
		h.Set("Access-Control-Allow-Headers", asked)
	}
	h.Set("Access-Control-Max-Age", "172800")
	return true
}
