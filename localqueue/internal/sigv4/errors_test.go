package sigv4_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/sigv4"
)

const mismatch = "The request signature we calculated does not match the signature you provided. " +
	"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."

func isMismatch(err error) bool {
	var e *engine.Error
	return errors.As(err, &e) && *e == engine.Error{Code: sigv4.CodeSignatureMismatch, Message: mismatch}
}

// edit says what to do to a request signed in order.
type edit func(r *http.Request)

// inAuth replaces a part of the Authorization header.
func inAuth(old, new string) edit {
	return func(r *http.Request) {
		h := r.Header.Get("Authorization")
		if !strings.Contains(h, old) {
			panic("no " + old + " in " + h)
		}
		r.Header.Set("Authorization", strings.Replace(h, old, new, 1))
	}
}

func inHeader(name string, values ...string) edit {
	return func(r *http.Request) { r.Header[name] = values }
}

func without(name string) edit {
	return func(r *http.Request) { r.Header.Del(name) }
}

// inQuery changes the query parameters.
func inQuery(change func(q url.Values)) edit {
	return func(r *http.Request) {
		q := r.URL.Query()
		change(q)
		r.URL.RawQuery = q.Encode()
	}
}

func both(a, b edit) edit {
	return func(r *http.Request) { a(r); b(r) }
}

func set(name string, values ...string) edit {
	return inQuery(func(q url.Values) { q[name] = values })
}

const (
	plain     = "json"
	temporary = "json, temporary key, sha256 header"
	presigned = "presigned"
)

func vector(t testing.TB, name string) string {
	t.Helper()
	for _, v := range vectors {
		if v.name == name {
			return v.request
		}
	}
	t.Fatalf("no vector %q", name)
	return ""
}

func TestErrors(t *testing.T) {
	t.Parallel()
	const (
		incomplete  = sigv4.CodeIncompleteSignature
		noMatch     = sigv4.CodeSignatureMismatch
		unknown     = sigv4.CodeInvalidClientTokenID
		headers     = "SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode"
		reexamine   = "Re-examine the query-string parameters."
		notAPair    = "not a valid key=value pair (missing equal-sign) in Authorization header: "
		fiveParts   = "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got "
		isoDate     = "Date must be in ISO-8601 'basic format'. Got "
		isoPage     = ". See http://en.wikipedia.org/wiki/ISO_8601"
		hostText    = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
		dateText    = "'X-Amz-Date' must be a 'SignedHeader' in the AWS Authorization."
		needsDate   = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
		needsAll    = "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. "
		wrongRegion = "Credential should be scoped to a valid region, not "
		wrongDate   = "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
	)
	for _, test := range []struct {
		name       string
		vector     string
		edit       edit
		now        time.Duration // after vectorTime
		region     string        // "": any
		code, text string
	}{
		// What Parse finds.
		{"not a pair", plain, inHeader("Authorization", "AWS4-HMAC-SHA256 FooBar, BazBurp"), 0, "",
			incomplete, "'FooBar' " + notAPair + "'AWS4-HMAC-SHA256 FooBar, BazBurp'."},
		{"two headers", plain, inHeader("Authorization", "AWS4-HMAC-SHA256 A=1", "AWS4-HMAC-SHA256 B=2"), 0, "",
			incomplete, "'AWS4-HMAC-SHA256' " + notAPair + "'AWS4-HMAC-SHA256 A=1, AWS4-HMAC-SHA256 B=2'."},
		{"no parameters", plain, inHeader("Authorization", "AWS4-HMAC-SHA256 Foo=Bar"), 0, "",
			incomplete, needsAll + "Authorization=AWS4-HMAC-SHA256 Foo=Bar"},
		{"nothing but the algorithm", plain, inHeader("Authorization", "AWS4-HMAC-SHA256"), 0, "",
			incomplete, needsAll + "Authorization=AWS4-HMAC-SHA256"},
		{"no parameters, no date", plain, both(inHeader("Authorization", "AWS4-HMAC-SHA256 Foo=Bar"), without("X-Amz-Date")), 0, "",
			incomplete, needsAll + needsDate + "Authorization=AWS4-HMAC-SHA256 Foo=Bar"},
		{"empty signature", plain, inHeader("Authorization", "AWS4-HMAC-SHA256 Credential=a,Signature=,SignedHeaders="), 0, "",
			incomplete, "Authorization header requires 'Signature' parameter. Authorization=AWS4-HMAC-SHA256 Credential=a,Signature=,SignedHeaders="},
		{"no date", plain, both(inHeader("Authorization", "AWS4-HMAC-SHA256 Credential=a,Signature=b,SignedHeaders=c"), without("X-Amz-Date")), 0, "",
			incomplete, needsDate + "Authorization=AWS4-HMAC-SHA256 Credential=a,Signature=b,SignedHeaders=c"},
		{"only a Date header", plain, both(without("X-Amz-Date"), inHeader("Date", "20260115T123600Z")), 0, "", noMatch, dateText},
		{"extended date", plain, inHeader("X-Amz-Date", "2026-01-15T12:36:00Z"), 0, "", incomplete, isoDate + "'2026-01-15T12:36:00Z'" + isoPage},
		{"fraction of a second", plain, inHeader("X-Amz-Date", "20260115T123600.000Z"), 0, "", incomplete, isoDate + "'20260115T123600.000Z'" + isoPage},
		{"two dates", plain, inHeader("X-Amz-Date", "20260115T123600Z", "20260115T123600Z"), 0, "",
			incomplete, isoDate + "'20260115T123600Z,20260115T123600Z'" + isoPage},
		{"algorithm", plain, inAuth("AWS4-HMAC-SHA256 ", "AWS4-ECDSA-P256-SHA256 "), 0, "",
			incomplete, "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256' (only AWS4-HMAC-SHA256 for now). "},
		{"four elements", plain, inAuth("/us-east-1", ""), 0, "", incomplete, fiveParts + "'AKIDEXAMPLE/20260115/sqs/aws4_request'"},
		{"six elements", plain, inAuth("AKIDEXAMPLE", "AKID/EXAMPLE"), 0, "", incomplete, fiveParts + "'AKID/EXAMPLE/20260115/us-east-1/sqs/aws4_request'"},
		{"seven elements", plain, inAuth("AKIDEXAMPLE", "AK/ID/EXAMPLE"), 0, "", incomplete, fiveParts + "'AK/ID/EXAMPLE/20260115/us-east-1/sqs/aws4_request'"},
		{"header and query", plain, set("X-Amz-Algorithm", "AWS4-HMAC-SHA256"), 0, "",
			noMatch, "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."},
		{"presigned with the algorithm alone", presigned, inQuery(func(q url.Values) {
			clear(q)
			q.Set("X-Amz-Algorithm", "AWS4-HMAC-SHA256")
		}), 0, "", incomplete, "AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Signature'. " +
			"AWS query-string parameters must include 'X-Amz-SignedHeaders'. AWS query-string parameters must include 'X-Amz-Date'. " + reexamine},
		{"presigned without an algorithm", presigned, set("X-Amz-Algorithm"), 0, "",
			incomplete, "AWS query-string parameters must include 'X-Amz-Algorithm'. " + reexamine},
		{"presigned, two dates", presigned, set("X-Amz-Date", "20260115T123600Z", "20260115T123600Z"), 0, "",
			incomplete, "AWS query-string parameters must include 'X-Amz-Date' only once. " + reexamine},
		{"presigned, bad date", presigned, set("X-Amz-Date", "now"), 0, "", incomplete, isoDate + "'now'" + isoPage},
		{"presigned, algorithm", presigned, set("X-Amz-Algorithm", "AWS"), 0, "",
			incomplete, "Unsupported AWS 'algorithm': 'AWS' (only AWS4-HMAC-SHA256 for now). "},
		{"presigned, credential", presigned, set("X-Amz-Credential", "AKIDEXAMPLE"), 0, "", incomplete, fiveParts + "'AKIDEXAMPLE'"},
		{"presigned, malformed query", presigned, func(r *http.Request) { r.URL.RawQuery += "&a=%zz" }, 0, "",
			sigv4.CodeMalformedQuery, "The query string contains a syntax error."},

		// What Verify finds, in its order.
		{"too old", plain, nil, 15*time.Minute + time.Second, "",
			noMatch, "Signature expired: 20260115T123600Z is now earlier than 20260115T123601Z (20260115T125101Z - 15 min.)"},
		{"too new", plain, nil, -15*time.Minute - time.Second, "",
			noMatch, "Signature not yet current: 20260115T123600Z is still later than 20260115T123559Z (20260115T122059Z + 15 min.)"},
		{"presigned, too old for all its X-Amz-Expires", presigned, nil, 15*time.Minute + time.Second, "",
			noMatch, "Signature expired: 20260115T123600Z is now earlier than 20260115T123601Z (20260115T125101Z - 15 min.)"},
		{"host not signed", plain, inAuth("host;", ""), 0, "", noMatch, hostText},
		{"no headers signed", plain, inAuth(headers, "SignedHeaders="), 0, "", noMatch, hostText},
		{"date not signed", plain, inAuth("x-amz-date;", ""), 0, "", noMatch, dateText},
		{"presigned, host not signed", presigned, set("X-Amz-SignedHeaders", "content-type"), 0, "", noMatch, hostText},
		{"another Region", plain, nil, 0, "eu-west-1", noMatch, wrongRegion + "'us-east-1'. "},
		{"no Region", plain, inAuth("us-east-1", ""), 0, "", noMatch, wrongRegion + "''. "},
		{"not a Region", plain, inAuth("us-east-1", "US_EAST"), 0, "", noMatch, wrongRegion + "'US_EAST'. "},
		{"an endless Region", plain, inAuth("us-east-1", strings.Repeat("a", 64)), 0, "", noMatch, wrongRegion + "'" + strings.Repeat("a", 64) + "'. "},
		{"another service", plain, inAuth("/sqs/", "/s3/"), 0, "", noMatch, "Credential should be scoped to correct service: 'sqs'. "},
		{"another terminator", plain, inAuth("aws4_request", "aws5_request"), 0, "",
			noMatch, "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'. "},
		{"another day", plain, inAuth("20260115", "20260116"), 0, "", noMatch, wrongDate + "'20260116' != '20260115', from '20260115T123600Z'."},
		{"all of the scope", plain, inAuth("20260115/us-east-1/sqs/aws4_request", "b/c/d/e"), 0, "us-east-1", noMatch, wrongRegion + "'c'. " +
			"Credential should be scoped to correct service: 'sqs'. Credential should be scoped with a valid terminator: 'aws4_request', not 'e'. " +
			wrongDate + "'b' != '20260115', from '20260115T123600Z'."},
		{"unknown key", plain, inAuth("AKIDEXAMPLE", "AKIDOTHER"), 0, "", unknown, "The security token included in the request is invalid."},
		{"presigned, more parameters than are read", presigned, func(r *http.Request) { r.URL.RawQuery += strings.Repeat("&a", 10_000) }, 0, "",
			sigv4.CodeMalformedQuery, "The query string contains a syntax error."},
		{"malformed query", plain, func(r *http.Request) { r.URL.RawQuery = "a=%zz" }, 0, "",
			sigv4.CodeMalformedQuery, "The query string contains a syntax error."},
		{"signature", plain, inAuth("Signature=c9", "Signature=d9"), 0, "", noMatch, mismatch},
		{"host", plain, func(r *http.Request) { r.Host = "localhost:9325" }, 0, "", noMatch, mismatch},
		{"method", plain, func(r *http.Request) { r.Method = "PUT" }, 0, "", noMatch, mismatch},
		{"path", plain, func(r *http.Request) { r.RequestURI = "/other" }, 0, "", noMatch, mismatch},
		{"a parameter more", plain, set("a", "b"), 0, "", noMatch, mismatch},
		{"a parameter with a semicolon more", plain, func(r *http.Request) { r.URL.RawQuery = "a;b=c" }, 0, "", noMatch, mismatch},
		{"presigned, a parameter with a semicolon more", presigned, func(r *http.Request) { r.URL.RawQuery += "&a;b=c" }, 0, "", noMatch, mismatch},
		{"presigned, other X-Amz-Expires", presigned, set("X-Amz-Expires", "604800"), 0, "", noMatch, mismatch},
		{"another header", plain, inHeader("X-Amz-Target", "AmazonSQS.DeleteQueue"), 0, "", noMatch, mismatch},
		{"a second value", plain, inHeader("X-Amz-Target", "AmazonSQS.SendMessage", "AmazonSQS.DeleteQueue"), 0, "", noMatch, mismatch},
		{"a name more", plain, inAuth("host;", "host;if-match;"), 0, "", noMatch, mismatch},
		{"an empty name", plain, inAuth("host;", "host;;"), 0, "", noMatch, mismatch},
		{"length of nothing", "query string", inAuth("host;", "content-length;host;"), 0, "", noMatch, mismatch},
		{"a signed header gone", plain, without("X-Amzn-Query-Mode"), 0, "", noMatch, mismatch},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r, body := read(t, vector(t, test.vector))
			if test.edit != nil {
				test.edit(r)
			}
			c, signed, parseErr := sigv4.Parse(r)
			if !signed {
				t.Error("not signed")
			}
			v := &sigv4.Verifier{Lookup: vectorKeys}
			err := v.Verify(r, body, c, test.region, vectorTime.Add(test.now))
			if parseErr != nil && err != parseErr {
				t.Errorf("Parse: %v", parseErr)
			}
			want(t, err, test.code, test.text)
		})
	}
}

func want(t *testing.T, err error, code, text string) {
	t.Helper()
	var e *engine.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want %s: %s", err, code, text)
	}
	if e.Code != code || e.Message != text {
		t.Errorf("\ngot  %s: %s\nwant %s: %s", e.Code, e.Message, code, text)
	}
}

// TestTokens: a session token must be the key's own, which for most keys is none.
func TestTokens(t *testing.T) {
	t.Parallel()
	const token = "IQoJb3JpZ2luX2VjEXAMPLE//token+with/slashes=="
	const invalid = "The security token included in the request is invalid"
	for _, test := range []struct {
		name, vector string
		key          sigv4.Key
		code, text   string
	}{
		{"its own", temporary, sigv4.Key{SessionToken: token, Expires: vectorTime.Add(1)}, "", ""},
		{"its own, for ever", temporary, sigv4.Key{SessionToken: token}, "", ""},
		{"its own, presigned", "presigned, temporary key", sigv4.Key{SessionToken: token}, "", ""},
		{"expired", temporary, sigv4.Key{SessionToken: token, Expires: vectorTime}, sigv4.CodeExpiredToken, "The security token included in the request is expired"},
		{"another", temporary, sigv4.Key{SessionToken: "other"}, sigv4.CodeInvalidClientTokenID, invalid},
		{"one for a permanent key", temporary, sigv4.Key{}, sigv4.CodeInvalidClientTokenID, invalid},
		{"none", plain, sigv4.Key{SessionToken: token}, sigv4.CodeInvalidClientTokenID, invalid},
		{"none and expired", plain, sigv4.Key{SessionToken: token, Expires: vectorTime}, sigv4.CodeInvalidClientTokenID, invalid},
		{"another, presigned", "presigned, temporary key", sigv4.Key{SessionToken: "other"}, sigv4.CodeInvalidClientTokenID, invalid},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r, body := read(t, vector(t, test.vector))
			v := &sigv4.Verifier{Lookup: func(string) (sigv4.Key, bool) {
				test.key.Secret = vectorSecret
				return test.key, true
			}}
			err := v.Verify(r, body, parse(t, r), "", vectorTime)
			if test.code != "" {
				want(t, err, test.code, test.text)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}
