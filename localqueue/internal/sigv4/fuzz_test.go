package sigv4_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/sigv4"
)

// FuzzParse reads claims of any text. None of them can be true: the key is secret.
func FuzzParse(f *testing.F) {
	for _, v := range vectors {
		r, _ := read(f, v.request)
		h := r.Header
		f.Add(h.Get("Authorization"), h.Get("X-Amz-Date"), h.Get("X-Amz-Security-Token"), r.URL.RawQuery)
	}
	f.Add("Bearer x", "", "", "X-Amz-Algorithm&X-Amz-Date=;%zz")
	f.Add("AWS4-HMAC-SHA256 Credential", "20260115T123600,5Z", "", "X-Amz-Signature=a&X-Amz-Signature=b")
	v := &sigv4.Verifier{Lookup: func(string) (sigv4.Key, bool) { return sigv4.Key{Secret: "not in any seed"}, true }}
	f.Fuzz(func(t *testing.T, auth, date, token, query string) {
		r := &http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/", RawQuery: query}, Host: "localhost", Header: http.Header{}}
		for name, value := range map[string]string{"Authorization": auth, "X-Amz-Date": date, "X-Amz-Security-Token": token} {
			if value != "" {
				r.Header[name] = []string{value}
			}
		}
		before := r.Header.Clone()
		c, signed, err := sigv4.Parse(r)
		var e *engine.Error
		switch {
		case err != nil && (!signed || !errors.As(err, &e) || e.Code == "" || e.Message == ""):
			t.Errorf("signed %v, %v", signed, err)
		case !signed && !reflect.DeepEqual(c, sigv4.Claim{}):
			t.Errorf("the claim of an unsigned request: %+v", c)
		case signed && err == nil && c.Signature == "":
			t.Errorf("a claim without a signature: %+v", c)
		}
		if err := v.Verify(r, nil, c, "", c.Time); !errors.As(err, &e) {
			t.Errorf("Verify: %v", err)
		}
		if r.URL.RawQuery != query || !reflect.DeepEqual(r.Header, before) {
			t.Errorf("the request has changed: %v %v", r.URL, r.Header)
		}
	})
}

// FuzzVerify changes requests in order. Whatever is still accepted must mean what
// the original means.
func FuzzVerify(f *testing.F) {
	for _, v := range vectors {
		wire := onWire(v.request)
		f.Add([]byte(wire))
		for _, change := range [][2]string{
			{" / ", " * "}, {" / ", " http://localhost:9324 "}, {"Content-Length: ", "Content-Length: 0"},
			{"Host: localhost:9324\r\n", "Host: localhost:9324\r\n \r\n"}, {"Content-Type: ", "Content-Type: \u00a0"},
		} {
			f.Add([]byte(strings.Replace(wire, change[0], change[1], 1)))
		}
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		if err := accepted(wire); err != nil {
			t.Error(err)
		}
	})
}

// TestEveryByte is FuzzVerify over every single change of a few kinds.
func TestEveryByte(t *testing.T) {
	t.Parallel()
	for _, v := range vectors {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			wire := []byte(onWire(v.request))
			for i := range wire {
				changes := [][]byte{slices.Delete(slices.Clone(wire), i, i+1)}
				for _, other := range []byte{wire[i] ^ 1, wire[i] ^ 0x20, ';', '0', '*'} {
					changes = append(changes,
						slices.Replace(slices.Clone(wire), i, i+1, other),
						slices.Insert(slices.Clone(wire), i, other))
				}
				for _, changed := range changes {
					if err := accepted(changed); err != nil {
						t.Fatalf("byte %d: %v", i, err)
					}
				}
			}
		})
	}
}

// accepted complains of a request that is verified and is not one of the vectors, in
// the same words or in others.
func accepted(wire []byte) error {
	got, ok := verified(wire)
	if ok && !slices.Contains(meanings(), got) {
		return fmt.Errorf("verified, but never signed:\n%s\nwhich means\n%s", wire, got)
	}
	return nil
}

// meanings are those of the vectors.
var meanings = sync.OnceValue(func() (all []string) {
	for _, v := range vectors {
		m, _ := verified([]byte(onWire(v.request)))
		all = append(all, m)
	}
	return all
})

// verified is the meaning of a request, and whether a server would accept it.
func verified(wire []byte) (string, bool) {
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(wire)))
	if err != nil {
		return "", false
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return "", false
	}
	c, _, _ := sigv4.Parse(r) // Verify refuses what Parse does
	v := &sigv4.Verifier{Lookup: vectorKeys}
	ok := v.Verify(r, body, c, "", vectorTime) == nil
	return meaning(r, string(body), c), ok
}

// meaning writes down all of a request that a signature covers, in one way for all
// ways to say it. It shares nothing with the package.
func meaning(r *http.Request, body string, c sigv4.Claim) string {
	signed := strings.Split(strings.ToLower(strings.Join(c.SignedHeaders, ";")), ";")
	slices.Sort(signed)
	signed = slices.Compact(signed)
	c.SignedHeaders = signed
	var parameters, headers []string
	for pair := range strings.SplitSeq(r.URL.RawQuery, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, err1 := url.QueryUnescape(name)
		value, err2 := url.QueryUnescape(value)
		if err := errors.Join(err1, err2); err != nil {
			return err.Error()
		}
		if pair != "" && name != "X-Amz-Signature" && name != "X-Amz-SignedHeaders" { // which are in the claim
			parameters = append(parameters, fmt.Sprintf("%q=%q", name, value))
		}
	}
	slices.Sort(parameters)
	for _, name := range signed {
		var values []string
		for _, v := range r.Header.Values(name) {
			values = append(values, spaced(v))
		}
		if name == "content-length" { // a number, of whatever digits
			values = []string{fmt.Sprint(r.ContentLength)}
		}
		headers = append(headers, fmt.Sprintf("%s:%q", name, strings.Join(values, ",")))
	}
	return fmt.Sprintf("%s %s%s\n%s\n%s\n%+v\n%q", r.Method, spaced(r.Host), "/"+strings.TrimPrefix(r.URL.EscapedPath(), "/"),
		strings.Join(parameters, "&"), strings.Join(headers, "\n"), c, body)
}

// spaced is a header's value as it is signed: trimmed, with single spaces.
func spaced(v string) string {
	words := strings.FieldsFunc(v, func(r rune) bool { return r == ' ' })
	return strings.TrimSpace(strings.Join(words, " "))
}
