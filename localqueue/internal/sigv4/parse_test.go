package sigv4_test

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/sigv4"
)

func TestParse(t *testing.T) {
	t.Parallel()
	r, _ := read(t, vector(t, temporary))
	got := parse(t, r)
	if want := (sigv4.Claim{
		KeyID: "ASIDEXAMPLE", Date: "20260115", Region: "eu-central-1", Service: "sqs", Terminator: "aws4_request",
		SignedHeaders: strings.Split("content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token;x-amz-target;x-amzn-query-mode", ";"),
		Signature:     "68813cedd0ba961e691e58d8fa587011ffd1d3242379d0efafd14e248065185b",
		Time:          vectorTime,
		Token:         "IQoJb3JpZ2luX2VjEXAMPLE//token+with/slashes==",
	}); !reflect.DeepEqual(got, want) {
		t.Errorf("header:\ngot  %+v\nwant %+v", got, want)
	}

	r, _ = read(t, vector(t, "presigned, temporary key"))
	got = parse(t, r)
	if want := (sigv4.Claim{
		KeyID: "ASIDEXAMPLE", Date: "20260115", Region: "eu-central-1", Service: "sqs", Terminator: "aws4_request",
		SignedHeaders: []string{"host"},
		Signature:     "27e7b13ca7c06aec14086af44e853921d7e89579f44382666fbaa8dbd98f6334",
		Time:          vectorTime,
		Token:         "IQoJb3JpZ2luX2VjEXAMPLE//token+with/slashes==",
		Presigned:     true,
	}); !reflect.DeepEqual(got, want) {
		t.Errorf("query:\ngot  %+v\nwant %+v", got, want)
	}
}

// TestUnsigned: what carries no Signature Version 4 is not a bad claim but none.
func TestUnsigned(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, authorization, query string }{
		{name: "nothing"},
		{name: "bearer token", authorization: "Bearer x"},
		{name: "signature version 2", authorization: "AWS AKIDEXAMPLE:x"},
		{name: "parameters", query: "Action=ListQueues&X-Amz-Date=20260115T123600Z"},
		{name: "malformed parameters", query: "a=%zz&b;c"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := &http.Request{URL: &url.URL{Path: "/", RawQuery: test.query}, Header: http.Header{}}
			if test.authorization != "" {
				r.Header.Set("Authorization", test.authorization)
			}
			if c, signed, err := sigv4.Parse(r); signed || err != nil || !reflect.DeepEqual(c, sigv4.Claim{}) {
				t.Errorf("claim %+v, signed %v, %v", c, signed, err)
			}
		})
	}
}

// TestParseKeepsWhatItCan: clients of local servers sign with nonsense, and still
// their key id and Region count.
func TestParseKeepsWhatItCan(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ authorization, keyID, region string }{
		{"AWS4-HMAC-SHA256 Credential=123456789012/20260115/eu-west-1/sqs/aws4_request", "123456789012", "eu-west-1"},
		{"AWS4-HMAC-SHA256 Credential=test/20260115/eu-west-1", "test", "eu-west-1"},
		{"AWS4-HMAC-SHA256 nonsense,Credential=test", "test", ""},
		{"AWS4-HMAC-SHA256 Credential=a/b/c/d/e/f/g", "a", "c"},
		{"AWS4-ECDSA-P256-SHA256 Credential=test/20260115/sqs/aws4_request", "test", "sqs"},
		{"AWS4-HMAC-SHA256 Credential", "", ""},
	} {
		r := &http.Request{URL: &url.URL{Path: "/"}, Header: http.Header{"Authorization": {test.authorization}}}
		c, signed, err := sigv4.Parse(r)
		if !signed || err == nil || c.KeyID != test.keyID || c.Region != test.region {
			t.Errorf("%s: key id %q, Region %q, signed %v, %v", test.authorization, c.KeyID, c.Region, signed, err)
		}
		v := &sigv4.Verifier{Lookup: vectorKeys}
		if got := v.Verify(r, nil, c, "", vectorTime); got != err {
			t.Errorf("%s: Verify gives %v, Parse %v", test.authorization, got, err)
		}
	}
}

// TestAccepted: other ways of saying the same.
func TestAccepted(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		vector string
		edit   edit
		now    time.Duration
	}{
		{"15 minutes old", plain, nil, 15*time.Minute + time.Second - 1},
		{"15 minutes early", plain, nil, -15 * time.Minute},
		{"presigned, past its X-Amz-Expires", "presigned, temporary key", nil, 15 * time.Minute},
		{"no spaces", plain, func(r *http.Request) {
			r.Header.Set("Authorization", strings.ReplaceAll(r.Header.Get("Authorization"), ", ", ","))
		}, 0},
		{"no commas", plain, func(r *http.Request) {
			r.Header.Set("Authorization", strings.ReplaceAll(r.Header.Get("Authorization"), ",", "\t"))
		}, 0},
		{"names of signed headers in capitals", plain, inAuth("content-type;host", "Content-Type;HOST"), 0},
		{"an unsigned header more", plain, inHeader("X-Amzn-Trace-Id", "Root=1-67891233-abcdef012345678912345678"), 0},
		{"spaces in a value", plain, inHeader("X-Amz-Target", "  AmazonSQS.SendMessage "), 0},
		{"plus for a space", presigned, func(r *http.Request) {
			r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "%20", "+", 1)
		}, 0},
		{"parameters in another order", presigned, func(r *http.Request) {
			signature := r.URL.RawQuery[strings.LastIndex(r.URL.RawQuery, "&")+1:]
			r.URL.RawQuery = signature + "&" + strings.TrimSuffix(r.URL.RawQuery, "&"+signature)
		}, 0},
		{"behind a prefix that was stripped", "form at a queue path", func(r *http.Request) { r.URL.Path = "/orders.fifo" }, 0},
		{"no request line", "path of another encoding", func(r *http.Request) { r.RequestURI = "" }, 0},
		{"host in the URL only", plain, func(r *http.Request) { r.URL.Host, r.Host = r.Host, "" }, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r, body := read(t, vector(t, test.vector))
			if test.edit != nil {
				test.edit(r)
			}
			v := &sigv4.Verifier{Lookup: vectorKeys}
			if err := v.Verify(r, body, parse(t, r), "", vectorTime.Add(test.now)); err != nil {
				t.Error(err)
			}
		})
	}
}
