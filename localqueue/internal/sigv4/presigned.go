package sigv4

import (
	"net/url"
	"strings"
)

const (
	paramAlgorithm     = "X-Amz-Algorithm"
	paramCredential    = "X-Amz-Credential"
	paramDate          = "X-Amz-Date"
	paramSignature     = "X-Amz-Signature"
	paramSignedHeaders = "X-Amz-SignedHeaders"
	paramToken         = "X-Amz-Security-Token"
)

// signingQuery returns the query parameters if a signature is among them, else nil.
// With an error they are those that could be read: none, if they are too many.
func signingQuery(raw string) (url.Values, error) {
	if !strings.Contains(raw, "X-Amz-") {
		return nil, nil
	}
	q, err := parseQuery(raw)
	if err != nil && len(q) == 0 || q.Has(paramAlgorithm) || q.Has(paramCredential) || q.Has(paramSignature) {
		return q, err
	}
	return nil, nil
}

func fromQuery(q url.Values) Claim {
	c := Claim{
		SignedHeaders: strings.Split(q.Get(paramSignedHeaders), ";"),
		Signature:     q.Get(paramSignature),
		Token:         q.Get(paramToken),
		Presigned:     true,
	}
	names := []string{paramAlgorithm, paramCredential, paramSignature, paramSignedHeaders, paramDate}
	var missing []string
	for _, name := range names {
		if q.Get(name) == "" {
			missing = append(missing, name)
		}
	}
	if missing != nil {
		c.fail(missingInQuery(missing))
	}
	// The signer puts one value of its own in place of each: a second one would
	// pass unsigned.
	for _, name := range append(names, paramToken) {
		if len(q[name]) > 1 {
			c.fail(repeatedInQuery(name))
		}
	}
	c.date(q.Get(paramDate))
	c.credential(q.Get(paramAlgorithm), q.Get(paramCredential))
	return c
}
