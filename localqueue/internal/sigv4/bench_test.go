package sigv4_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/quayside-go/quayside/localqueue/internal/sigv4"
)

// BenchmarkParse reads the claims of requests.
func BenchmarkParse(b *testing.B) {
	for _, name := range []string{plain, presigned} {
		b.Run(name, func(b *testing.B) {
			r, _ := read(b, vector(b, name))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := sigv4.Parse(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkVerify proves claims of a key seen before and of one never seen, in both
// forms, and over a body of 1 KB.
func BenchmarkVerify(b *testing.B) {
	large := strings.Repeat("x", 1024)
	r := request(b, "POST", "http://localhost:9324/", large)
	sign(b, r, large, aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: vectorSecret}, "us-east-1", vectorTime, false)
	known := &sigv4.Verifier{Lookup: vectorKeys}

	bench := func(name string, v func() *sigv4.Verifier, r *http.Request, body []byte) {
		b.Run(name, func(b *testing.B) {
			c := parse(b, r)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if err := v().Verify(r, body, c, "us-east-1", vectorTime); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	keep := func() *sigv4.Verifier { return known }
	forget := func() *sigv4.Verifier { return &sigv4.Verifier{Lookup: vectorKeys} }
	header, body := read(b, vector(b, plain))
	query, _ := read(b, vector(b, presigned))
	bench("header", keep, header, body)
	bench("header,new", forget, header, body)
	bench("header,1KB", keep, r, []byte(large))
	bench("presigned", keep, query, nil)
}
