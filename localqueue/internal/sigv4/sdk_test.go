package sigv4_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/quayside-go/quayside/localqueue/internal/sigv4"
)

// request makes a client's request, unsigned.
func request(t testing.TB, method, url, body string, header ...string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	return r
}

// sign signs r with the SDK's signer, in the form asked for.
func sign(t testing.TB, r *http.Request, body string, key aws.Credentials, region string, at time.Time, presign bool) {
	t.Helper()
	hash := sha256.Sum256([]byte(body))
	payload := hex.EncodeToString(hash[:])
	signer := v4.NewSigner()
	if !presign {
		if err := signer.SignHTTP(context.Background(), key, r, payload, "sqs", region, at); err != nil {
			t.Fatal(err)
		}
		return
	}
	signed, headers, err := signer.PresignHTTP(context.Background(), key, r, payload, "sqs", region, at)
	if err != nil {
		t.Fatal(err)
	}
	if r.URL, err = r.URL.Parse(signed); err != nil {
		t.Fatal(err)
	}
	for name := range r.Header { // the signer has put the others into the query
		if _, ok := headers[name]; !ok {
			r.Header.Del(name)
		}
	}
}

// TestSDKOverHTTP signs as aws-sdk-go-v2 does, and verifies what arrives at the
// other end of a connection.
func TestSDKOverHTTP(t *testing.T) {
	t.Parallel()
	const region = "eu-west-1"
	permanent := aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: vectorSecret}
	session, _ := vectorKeys("ASIDEXAMPLE")
	temporary := aws.Credentials{AccessKeyID: "ASIDEXAMPLE", SecretAccessKey: vectorSecret, SessionToken: session.SessionToken}

	v := &sigv4.Verifier{Lookup: vectorKeys}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		c, signed, err := sigv4.Parse(r)
		if err == nil && signed {
			err = v.Verify(r, body, c, region, vectorTime)
		}
		if err != nil || !signed {
			http.Error(w, "not verified", http.StatusForbidden)
			t.Errorf("%s %s: signed %v, %v", r.Method, r.RequestURI, signed, err)
		}
	}))
	t.Cleanup(server.Close)

	for _, test := range []struct {
		name, method, target, body string
		header                     []string
	}{
		{"json", "POST", "/", `{"QueueName":"ø"}`, []string{"Content-Type", "application/x-amz-json-1.0", "X-Amz-Target", "AmazonSQS.GetQueueUrl"}},
		{"form", "POST", "/000000000000/orders.fifo", "Action=ReceiveMessage&WaitTimeSeconds=20", []string{"Content-Type", "application/x-www-form-urlencoded"}},
		{"empty body", "POST", "/?Action=ListQueues", "", nil},
		{"query", "GET", "/000000000000/orders.fifo?Action=SendMessage&MessageBody=a%20b%2Bc%26%3D%3B%C3%A9%F0%9F%9A%A2&A=2&A=1&A.10=&A.2", "", nil},
		{"no path", "GET", "?Action=ListQueues", "", nil},
		{"encoded path", "GET", "/000000000000/a%20b%2Fc%25:@%C3%A9", "", nil},
		{"checksum header", "POST", "/", "{}", []string{"X-Amz-Content-Sha256", "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}},
		{"repeated header", "POST", "/", "{}", []string{"X-Amzn-Custom", "one", "X-Amzn-Custom", "two  words"}},
		{"unsigned headers", "POST", "/", "{}", []string{"User-Agent", "aws-sdk-go-v2/1", "X-Amzn-Trace-Id", "Root=1"}},
	} {
		for name, key := range map[string]aws.Credentials{"permanent": permanent, "temporary": temporary} {
			for form, presign := range map[string]bool{"header": false, "presigned": true} {
				t.Run(strings.Join([]string{test.name, name, form}, "/"), func(t *testing.T) {
					r := request(t, test.method, server.URL+test.target, test.body, test.header...)
					sign(t, r, test.body, key, region, vectorTime, presign)
					response, err := server.Client().Do(r)
					if err != nil {
						t.Fatal(err)
					}
					response.Body.Close()
					if response.StatusCode != http.StatusOK {
						t.Errorf("status %d", response.StatusCode)
					}
				})
			}
		}
	}
}

// TestUnsignedPayload: SQS takes the hash of the body, whatever a header says.
func TestUnsignedPayload(t *testing.T) {
	t.Parallel()
	key := aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: vectorSecret}
	r := request(t, "POST", "https://localhost/", "{}", "X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
	if err := v4.NewSigner().SignHTTP(t.Context(), key, r, "UNSIGNED-PAYLOAD", "sqs", "eu-west-1", vectorTime); err != nil {
		t.Fatal(err)
	}
	v := &sigv4.Verifier{Lookup: vectorKeys}
	if err := v.Verify(r, []byte("{}"), parse(t, r), "", vectorTime); !isMismatch(err) {
		t.Errorf("UNSIGNED-PAYLOAD for a hash: %v", err)
	}

	r = request(t, "POST", "https://localhost/", "{}", "X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
	sign(t, r, "{}", key, "eu-west-1", vectorTime, false)
	if err := v.Verify(r, []byte("{}"), parse(t, r), "", vectorTime); err != nil {
		t.Errorf("UNSIGNED-PAYLOAD as a header over the true hash: %v", err)
	}
}

// TestEmptyHeader: a header that says nothing is not the same as no header.
func TestEmptyHeader(t *testing.T) {
	t.Parallel()
	key := aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: vectorSecret}
	r := request(t, "GET", "http://localhost/?Action=ListQueues", "", "X-Custom", "")
	sign(t, r, "", key, "eu-west-1", vectorTime, false)
	v := &sigv4.Verifier{Lookup: vectorKeys}
	if err := v.Verify(r, nil, parse(t, r), "", vectorTime); err != nil {
		t.Errorf("as signed: %v", err)
	}
	r.Header.Del("X-Custom")
	if err := v.Verify(r, nil, parse(t, r), "", vectorTime); !isMismatch(err) {
		t.Errorf("without it: %v", err)
	}
}
