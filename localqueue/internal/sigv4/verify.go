package sigv4

import (
	"crypto/subtle"
	"net/http"
	"strings"
	"sync"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// skew is how far the clocks of client and server may be apart.
const skew = 15 * time.Minute

// Key is what an access key id stands for.
type Key struct {
	Secret       string
	SessionToken string    // "" for a permanent key
	Expires      time.Time // the zero time: never
}

// Verifier checks signatures. Many goroutines may use one at once; it must not be
// copied once used.
type Verifier struct {
	// Lookup finds the key of an id. Required. It is called once by Verify and by
	// Check, on the same goroutine, and may give other answers as keys come, change and go.
	Lookup func(keyID string) (Key, bool)

	mu      sync.RWMutex
	signers map[signerID]*v4.Signer // of keys that have signed
}

// Verify reports whether c, which Parse read from r, is true: r was signed within
// 15 minutes of now, for SQS in the Region, by the key it names. body is all of r's
// body. A region of "" accepts any Region that could be one.
//
// A refusal is an *engine.Error. The request and the body are not changed.
func (v *Verifier) Verify(r *http.Request, body []byte, c Claim, region string, now time.Time) error {
	key, err := v.check(r, c, region, now)
	if err != nil {
		return err
	}
	if err := v.checkSignature(r, body, c, key.Secret); err != nil {
		return err
	}
	return checkToken(c, key, now)
}

// Check is what Verify asks before it looks at the body: all but the signature and
// the session token. It is for refusing strangers before their bodies are read.
func (v *Verifier) Check(r *http.Request, c Claim, region string, now time.Time) error {
	_, err := v.check(r, c, region, now)
	return err
}

func (v *Verifier) check(r *http.Request, c Claim, region string, now time.Time) (Key, error) {
	if c.err != nil {
		return Key{}, c.err
	}
	if err := checkClock(c.Time, now); err != nil {
		return Key{}, err
	}
	if err := checkSignedHeaders(r, c); err != nil {
		return Key{}, err
	}
	if err := checkScope(c, region); err != nil {
		return Key{}, err
	}
	key, ok := v.Lookup(c.KeyID)
	if !ok {
		return Key{}, refuse(CodeInvalidClientTokenID, textUnknownKey)
	}
	return key, nil
}

// checkClock compares whole seconds, the resolution of t.
func checkClock(t, now time.Time) error {
	now = now.UTC().Truncate(time.Second)
	if earliest := now.Add(-skew); t.Before(earliest) {
		return tooOld(t, earliest, now)
	}
	if latest := now.Add(skew); t.After(latest) {
		return tooNew(t, latest, now)
	}
	return nil
}

// checkSignedHeaders wants those signed that say what the request is: the host, the
// date, and the target, where there is one.
func checkSignedHeaders(r *http.Request, c Claim) error {
	var host, date bool
	target := len(r.Header["X-Amz-Target"]) == 0
	for _, name := range c.SignedHeaders {
		host = host || strings.EqualFold(name, "host")
		date = date || strings.EqualFold(name, "x-amz-date")
		target = target || strings.EqualFold(name, "x-amz-target")
	}
	if !host {
		return notSigned("'Host' or ':authority'")
	}
	if !date && !c.Presigned { // a presigned request is dated in the query, all of which is signed
		return notSigned("'X-Amz-Date'")
	}
	if !target {
		return notSigned("'X-Amz-Target'")
	}
	return nil
}

// checkScope names everything that is wrong, one sentence after the other.
func checkScope(c Claim, region string) error {
	var b strings.Builder
	if region == "" && !wellFormed(c.Region) || region != "" && c.Region != region {
		b.WriteString("Credential should be scoped to a valid region, not '" + c.Region + "'. ")
	}
	if c.Service != service {
		b.WriteString("Credential should be scoped to correct service: '" + service + "'. ")
	}
	if c.Terminator != terminator {
		b.WriteString("Credential should be scoped with a valid terminator: '" + terminator + "', not '" + c.Terminator + "'. ")
	}
	if day := c.Time.Format(dateFormat); c.Date != day {
		b.WriteString("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" +
			c.Date + "' != '" + day + "', from '" + c.Time.Format(timeFormat) + "'.")
	}
	if b.Len() == 0 {
		return nil
	}
	return refuse(CodeSignatureMismatch, b.String())
}

// wellFormed: 1-63 of [a-z0-9-], as in a host name.
func wellFormed(region string) bool {
	for _, c := range []byte(region) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return len(region) >= 1 && len(region) <= 63
}

func checkToken(c Claim, key Key, now time.Time) error {
	if subtle.ConstantTimeCompare([]byte(c.Token), []byte(key.SessionToken)) != 1 {
		return refuse(CodeInvalidClientTokenID, textWrongToken)
	}
	if !key.Expires.IsZero() && !now.Before(key.Expires) {
		return refuse(CodeExpiredToken, textExpiredToken)
	}
	return nil
}
