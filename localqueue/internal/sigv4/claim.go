package sigv4

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	service    = "sqs"
	terminator = "aws4_request"

	dateFormat = "20060102"
	timeFormat = "20060102T150405Z"
)

// Claim is what a request says of its signature. Nothing in it is proven before
// [Verifier.Verify] says so.
type Claim struct {
	// KeyID, Date, Region, Service and Terminator are the parts of the credential.
	KeyID, Date, Region, Service, Terminator string

	SignedHeaders []string  // as the client wrote them
	Signature     string    // lower-case hexadecimal, if it is to match
	Time          time.Time // X-Amz-Date, in UTC
	Token         string    // X-Amz-Security-Token; "" if there is none
	Presigned     bool      // the claim came in the query string

	err error // what Parse found wrong
}

// fail notes err unless something was found wrong before.
func (c *Claim) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// Parse reads the claim of r from its Authorization header or from its X-Amz-*
// query parameters. It does not touch the body.
//
// signed is false if there is neither, and then err is nil; an Authorization
// header of another kind, such as Bearer, counts as none. A claim that cannot be
// understood is an *engine.Error, and c still holds what could be read of it: a
// caller who only wants to know the key id and the Region may ignore err. Verify
// refuses such a claim with the same error.
func Parse(r *http.Request) (c Claim, signed bool, err error) {
	auth := strings.Join(r.Header["Authorization"], ", ")
	inHeader := strings.HasPrefix(auth, "AWS4-")
	query, queryErr := signingQuery(r.URL.RawQuery)
	switch {
	case inHeader:
		c = fromHeader(r.Header, auth)
		if query.Has(paramAlgorithm) {
			c.fail(refuse(CodeSignatureMismatch, textBoth))
		}
	case query != nil:
		c = fromQuery(query)
		if queryErr != nil {
			c.err = queryErr
		}
	default:
		return Claim{}, false, nil
	}
	return c, true, c.err
}

// fromHeader reads "AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...",
// with commas, spaces or both between the parameters.
func fromHeader(h http.Header, auth string) Claim {
	c := Claim{Token: strings.Join(h["X-Amz-Security-Token"], ",")}
	scheme, rest, _ := strings.Cut(auth, " ")
	var credential string
	var hasHeaders bool
	for field := range strings.FieldsFuncSeq(rest, isSeparator) {
		name, value, ok := strings.Cut(field, "=")
		if !ok {
			c.fail(notAPair(field, auth))
		}
		switch name {
		case "Credential":
			credential = value
		case "SignedHeaders":
			c.SignedHeaders, hasHeaders = strings.Split(value, ";"), ok
		case "Signature":
			c.Signature = value
		}
	}
	c.dateFromHeader(h, absent(
		param{"Credential", credential != ""},
		param{"Signature", c.Signature != ""},
		param{"SignedHeaders", hasHeaders},
	), auth)
	c.credential(scheme, credential)
	return c
}

func isSeparator(r rune) bool { return r == ' ' || r == ',' || r == '\t' }

// dateFromHeader sets c.Time. AWS reports an absent date together with the other
// absent parameters.
func (c *Claim) dateFromHeader(h http.Header, absent []string, auth string) {
	date, other := strings.Join(h["X-Amz-Date"], ","), h.Get("Date")
	switch {
	case len(absent) > 0 || date == "" && other == "":
		c.fail(missingInHeader(absent, date != "" || other != "", auth))
	case date == "":
		c.fail(notSigned("'X-Amz-Date'"))
	default:
		c.date(date)
	}
}

// date accepts exactly what the signer prints for that instant, so that the text
// signed is the text received.
func (c *Claim) date(s string) {
	t, err := time.Parse(timeFormat, s)
	if err != nil || t.Format(timeFormat) != s {
		c.fail(badDate(s))
		return
	}
	c.Time = t
}

// credential splits keyid/date/region/service/term, keeping what there is of it.
func (c *Claim) credential(scheme, s string) {
	if scheme != algorithm {
		c.fail(badAlgorithm(scheme))
	}
	part := strings.SplitN(s, "/", 6)
	for i, to := range []*string{&c.KeyID, &c.Date, &c.Region, &c.Service, &c.Terminator} {
		if i < len(part) {
			*to = part[i]
		}
	}
	if len(part) != 5 {
		c.fail(badCredential(s))
	}
}

type param struct {
	name string
	here bool
}

func absent(params ...param) []string {
	var names []string
	for _, p := range params {
		if !p.here {
			names = append(names, p.name)
		}
	}
	return names
}

// parseQuery is url.ParseQuery, except that a semicolon is an ordinary character:
// left to itself ParseQuery drops parameters that have one, and what is dropped
// would not be covered by the signature.
func parseQuery(raw string) (url.Values, error) {
	q, err := url.ParseQuery(strings.ReplaceAll(raw, ";", "%3B"))
	if err != nil {
		return q, refuse(CodeMalformedQuery, textBadQuery)
	}
	return q, nil
}
