package producer_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/quayside-go/quayside/producer"
)

// What is refused for who asks, or how often, is not divided.
func TestRefusedForWhoAsks(t *testing.T) {
	for _, test := range []struct {
		status int
		body   string
	}{
		{401, "<html>"}, {407, "<html>"}, {408, "<html>"}, {429, "<html>"},
		{429, `{"__type":"x#TooManyRequests"}`}, {400, `{"__type":"x#RequestLimitExceeded"}`},
		{502, "<html>"}, {400, `{"__type":"x#ThrottlingException"}`}, {403, `{"__type":"x#AccessDeniedException"}`},
	} {
		t.Run(fmt.Sprint(test.status, test.body), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				n := 0
				var mu sync.Mutex
				c := doer(func(r *http.Request) (*http.Response, error) {
					mu.Lock()
					n++
					mu.Unlock()
					kind := "text/html"
					if strings.HasPrefix(test.body, "{") {
						kind = "application/x-amz-json-1.0"
					}
					return says(r, test.status, test.body, "Content-Type", kind), nil
				}).client()
				rs, _ := producer.New(c, byURL, once).SendAll(t.Context(), numbered(10)...)
				if n != 1 {
					t.Errorf("%d requests, want 1; %v", n, rs[0].Err)
				} else {
					t.Log(rs[0].Err)
				}
			})
		})
	}
}

// Throttling by a status, for which SQS's own codes are not known, makes for fewer requests.
func TestTooManyRequests(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n, start := 0, time.Now()
		var mu sync.Mutex
		c := doer(func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			n++
			mu.Unlock()
			return says(r, 429, "<html>", "Content-Type", "text/html"), nil
		}).client()
		producer.New(c, byURL).SendAll(t.Context(), numbered(100)...)
		byStatus, took := n, time.Since(start)
		n, start = 0, time.Now()
		c = doer(func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			n++
			mu.Unlock()
			return says(r, 400, `{"__type":"x#ThrottlingException"}`), nil
		}).client()
		producer.New(c, byURL).SendAll(t.Context(), numbered(100)...)
		if byStatus > 2*n {
			t.Errorf("%d requests within %v for 100 messages, %d if SQS says so by its code (%v)", byStatus, took, n, time.Since(start))
		}
	})
}
