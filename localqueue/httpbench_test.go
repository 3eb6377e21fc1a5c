package localqueue_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/localqueue"
)

// discarded is a reply that nobody reads.
type discarded struct {
	header http.Header
	status int
}

func (d *discarded) Header() http.Header         { return d.header }
func (d *discarded) Write(b []byte) (int, error) { return len(b), nil }
func (d *discarded) WriteHeader(status int)      { d.status = status }

// BenchmarkHTTPSend is what a SendMessage of 1 KB costs beneath net/http, with its MD5,
// while OnRequest is told.
func BenchmarkHTTPSend(b *testing.B) {
	const full = 4096 // messages after which the queue is a new one
	body := []byte(fmt.Sprintf(`{"QueueUrl":"http://127.0.0.1:9324/000000000000/orders","MessageBody":"%s"}`, strings.Repeat("the quick ", 103)[:1024]))
	in := bytes.NewReader(body)
	r, err := http.NewRequest(http.MethodPost, "http://127.0.0.1:9324/", io.NopCloser(in))
	if err != nil {
		b.Fatal(err)
	}
	r.ContentLength = int64(len(body))
	r.Header["X-Amz-Target"] = []string{"AmazonSQS.SendMessage"}
	w := &discarded{header: http.Header{}}
	var s *localqueue.Server
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if n%full == 0 {
			b.StopTimer()
			if s != nil {
				s.Close()
			}
			s = localqueue.New(func(o *localqueue.Options) { o.OnRequest = func(localqueue.Request) {} })
			s.MustCreate("orders")
			b.StartTimer()
		}
		in.Reset(body)
		clear(w.header)
		if s.ServeHTTP(w, r); w.status != http.StatusOK {
			b.Fatalf("status %d", w.status)
		}
	}
	s.Close()
}
