package localqueue

import (
	"net/http"
	"strings"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/sigv4"
	"github.com/quayside-go/quayside/localqueue/internal/wire"
)

// identify finds out for whom the request is. If the server has credentials, only
// a request that claims to be signed by one of them goes on.
func (x *exchange) identify() error {
	x.ns = namespace{Account: x.s.opts.Account, Region: regionOf(x.r.Host, x.s.opts.Region)}
	if len(x.s.opts.Credentials) == 0 {
		if keyID, region, ok := x.scope(); ok {
			x.ns.Region, x.ns.Account = region, x.s.accountOf(keyID)
		}
		return x.checkNamespace()
	}
	var signed bool
	var err error
	switch x.claim, signed, err = sigv4.Parse(x.r); {
	case err != nil:
		return err
	case !signed:
		return engine.Errorf(wire.CodeAccessDenied, "Access to the resource %s is denied.", x.s.base(x.r)+x.r.URL.Path)
	}
	if err := x.s.http.verifier.Check(x.r, x.claim, regionOf(x.r.Host, ""), time.Now()); err != nil {
		return err
	}
	x.ns.Region, x.ns.Account = x.claim.Region, x.s.accountOf(x.claim.KeyID)
	return x.checkNamespace()
}

// verify checks the signature, if there has to be one.
func (x *exchange) verify() error {
	if len(x.s.opts.Credentials) == 0 {
		return nil
	}
	return x.s.http.verifier.Verify(x.r, x.body.bytes(), x.claim, regionOf(x.r.Host, ""), time.Now())
}

func (x *exchange) checkNamespace() error {
	if err := x.ns.check(); err != nil {
		return engine.Errorf(engine.CodeInvalidParameterValue, "%v", err)
	}
	return nil
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
