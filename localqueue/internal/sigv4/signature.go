package sigv4

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// signatureLen is the length of a signature, which ends both of what the signer
// makes: the Authorization header and the presigned URL.
const signatureLen = 2 * sha256.Size

func (v *Verifier) checkSignature(r *http.Request, body []byte, c Claim, secret string) error {
	unsigned, err := strip(r, c)
	if err != nil {
		return err
	}
	id := signerID{keyID: c.KeyID, secret: secret, region: c.Region}
	signer, known := v.signer(id)
	want, err := sign(signer, unsigned, body, c, secret)
	if err != nil {
		return fmt.Errorf("compute the expected signature: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(want), []byte(c.Signature)) != 1 {
		return refuse(CodeSignatureMismatch, textMismatch)
	}
	if !known {
		v.keep(id, signer)
	}
	return nil
}

// sign returns the signature of unsigned. The session token is among the request's
// headers or parameters if it was signed, so the signer is given none to add.
func sign(signer *v4.Signer, unsigned *http.Request, body []byte, c Claim, secret string) (string, error) {
	ctx := context.Background() // the signer only takes a logger from it
	hash := sha256.Sum256(body)
	payload := hex.EncodeToString(hash[:])
	key := aws.Credentials{AccessKeyID: c.KeyID, SecretAccessKey: secret}
	if c.Presigned {
		signed, _, err := signer.PresignHTTP(ctx, key, unsigned, payload, service, c.Region, c.Time)
		return tail(signed), err
	}
	err := signer.SignHTTP(ctx, key, unsigned, payload, service, c.Region, c.Time)
	return tail(unsigned.Header.Get("Authorization")), err
}

func tail(s string) string { return s[max(0, len(s)-signatureLen):] }

// strip returns a request of its own with what the client signed of r, and nothing
// else: the signer signs all it finds. What it adds itself is left to it: the host,
// the date, and a presigned request's parameters but X-Amz-Signature.
func strip(r *http.Request, c Claim) (*http.Request, error) {
	u, err := stripURL(r, c.Presigned)
	if err != nil {
		return nil, err
	}
	unsigned := &http.Request{Method: r.Method, URL: u, Host: r.Host, Header: make(http.Header, len(c.SignedHeaders)+1)}
	if r.Host == "" { // a request no server has read
		unsigned.Host = r.URL.Host
	}
	for _, name := range c.SignedHeaders {
		name = strings.ToLower(name)
		if name == "host" || name == "x-amz-date" && !c.Presigned {
			continue
		}
		if !copyHeader(unsigned, r, name) {
			return nil, refuse(CodeSignatureMismatch, textMismatch)
		}
	}
	return unsigned, nil
}

// copyHeader reports whether there is such a header to sign. name is in lower case,
// and so is the key it gets: the signer passes over User-Agent and some others by
// their canonical names, yet there are clients that sign them.
func copyHeader(to, from *http.Request, name string) bool {
	if name == "content-length" {
		to.ContentLength = from.ContentLength
		return from.ContentLength > 0 // the signer does not sign others
	}
	values, ok := from.Header[http.CanonicalHeaderKey(name)]
	to.Header[name] = values
	return ok
}

// stripURL keeps the path and the query of r. It leaves the scheme out, for which
// the signer would drop a default port from the host. Every path begins with a slash:
// of one that does not, such as *, the signer would make that of the root.
func stripURL(r *http.Request, presigned bool) (*url.URL, error) {
	path := r.URL.EscapedPath()
	if strings.HasPrefix(r.RequestURI, "/") { // as sent, even behind http.StripPrefix
		path, _, _ = strings.Cut(r.RequestURI, "?")
	}
	u := &url.URL{Opaque: "//-/" + strings.TrimPrefix(path, "/")}
	if r.URL.RawQuery == "" {
		return u, nil
	}
	query, err := parseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	if presigned {
		query.Del(paramSignature)
	}
	u.RawQuery = query.Encode()
	return u, nil
}
