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
	x.ns = namespace{Account: x.s.opts.Account, Region: regionOf(x.r.Host, x.s.opts.Region)}
	if len(x.s.opts.Credentials) == 0 {
		if keyID, region, ok := x.scope(); ok {
			x.ns.Region, x.ns.Account = region, x.s.accountOf(keyID)
		}
		return nil
	}
	claim, signed, err := sigv4.Parse(x.r)
	switch {
	case err != nil:
		return err
	case !signed:
		return engine.Errorf(codeAccessDenied, "Access to the resource %s is denied.", x.s.base(x.r)+x.r.URL.Path)
	}
	x.ns.Region, x.ns.Account = claim.Region, x.s.accountOf(claim.KeyID)
	return x.s.http.verifier.Verify(x.r, x.body.bytes(), claim, regionOf(x.r.Host, ""), time.Now())
}

// scope reads who signed and for which region, where signatures are not needed, nor
// ones that make sense.
func (x *exchange) scope() (keyID, region string, ok bool) {
	auth := x.r.Header["Authorization"]
	if len(auth) == 0 {
		if x.r.URL.RawQuery == "" {
			return "", "", false
		}
		claim, signed, err := sigv4.Parse(x.r)
		return claim.KeyID, claim.Region, signed && err == nil && isRegion(claim.Region)
	}
	_, credential, _ := strings.Cut(auth[0], "Credential=")
	keyID, rest, _ := strings.Cut(credential, "/")
	_, rest, _ = strings.Cut(rest, "/") // the date
	region, _, ok = strings.Cut(rest, "/")
	return keyID, region, ok && isRegion(region)
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
