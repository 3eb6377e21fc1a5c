package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/benchmarks/storage/internal/store"
)

// answers is a server that hands out as many messages as it was told.
func answers(t *testing.T, messages int, deleted string) *conn {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		switch action := r.Header.Get("X-Amz-Target"); {
		case strings.HasPrefix(action, "AmazonSQS.SendMessage"):
			if len(body) < store.BodySize || !strings.HasPrefix(string(body), `{"QueueUrl":"bench",`) {
				t.Errorf("%s with %.50s", action, body)
			}
			fmt.Fprint(w, "{}")
		case strings.HasPrefix(action, "AmazonSQS.DeleteMessage"):
			for i := range messages {
				if !strings.Contains(string(body), fmt.Sprintf(`"ReceiptHandle":"h%d"`, i)) {
					t.Errorf("%s does not name message %d: %s", action, i, body)
				}
			}
			fmt.Fprint(w, deleted)
		case messages < 0:
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, "over the limit")
		default:
			parts := make([]string, messages)
			for i := range parts {
				parts[i] = fmt.Sprintf(`{"Body":"x","ReceiptHandle":"h%d"}`, i)
			}
			fmt.Fprintf(w, `{"Messages":[%s]}`, strings.Join(parts, ","))
		}
	}))
	t.Cleanup(server.Close)
	c, err := dial(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.tcp.Close() })
	return c
}

func TestCycle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name           string
		batch, answers int
		deleted        string
		want           string // of the error
	}{
		{"one", 1, 1, "{}", ""},
		{"ten", 10, 10, `{"Failed":[],"Successful":[]}`, ""},
		{"too few", 10, 9, "{}", "9 messages were received"},
		{"an error", 1, -1, "{}", "ReceiveMessage was answered 400 Bad Request: over the limit"},
		{"a failed delete", 10, 10, `{"Failed":[{"Id":"1"}]}`, "DeleteMessageBatch was answered 200 OK"},
	} {
		n, err := answers(t, c.answers, c.deleted).cycle(c.batch)
		if c.want == "" && (err != nil || n != c.batch) {
			t.Errorf("%s: %d, %v", c.name, n, err)
		}
		if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}
