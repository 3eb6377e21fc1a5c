package localqueue

import (
	"net/http"
	"strings"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/sigv4"
)

const codeAccessDenied = "AccessDenied"

// authorize finds out for whom the request is and, if the server has credentials,
// checks its signature.
func (x *exchange) authorize() error {
	x.ns = namespace{
		Account: x.s.opts.Account,
		Region:  regionOf(x.r.Host, x.s.opts.Region),
		base:    x.s.base(x.r),
	}
	claim, signed, err := sigv4.Parse(x.r)
	if signed && err == nil {
		x.ns.Region, x.ns.Account = claim.Region, x.s.accountOf(claim.KeyID)
	}
	if len(x.s.opts.Credentials) == 0 {
		// A signature is not needed, nor is one that makes sense.
		if x.ns.check() != nil {
			x.ns.Region = x.s.opts.Region
		}
		return x.ns.check()
	}
	switch {
	case err != nil:
		return err
	case !signed:
		return engine.Errorf(codeAccessDenied, "Access to the resource %s is denied.", x.ns.base+x.r.URL.Path)
	}
	if err := x.s.http.verifier.Verify(x.r, x.body.bytes(), claim, regionOf(x.r.Host, ""), time.Now()); err != nil {
		return err
	}
	return x.ns.check()
}

// base is what QueueUrls begin with for the sender of r.
func (s *Server) base(r *http.Request) string {
	switch {
	case s.opts.PublicURL != "":
		return strings.TrimSuffix(s.opts.PublicURL, "/")
	case r.Host == "":
		return ""
	case r.TLS != nil:
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// key is the Credential of that id, for the verifier.
func (s *Server) key(id string) (sigv4.Key, bool) {
	for i := range s.opts.Credentials {
		if c := &s.opts.Credentials[i]; c.AccessKeyID == id {
			return sigv4.Key{Secret: c.SecretAccessKey, SessionToken: c.SessionToken, Expires: c.Expires}, true
		}
	}
	return sigv4.Key{}, false
}

// accountOf is the account that a key id acts for.
func (s *Server) accountOf(id string) string {
	for i := range s.opts.Credentials {
		if c := &s.opts.Credentials[i]; c.AccessKeyID == id && c.Account != "" {
			return c.Account
		}
	}
	if isAccount(id) {
		return id
	}
	return s.opts.Account
}
