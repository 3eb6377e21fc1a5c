package remote_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/remote"
)

// Servers are this program started again; here that is the test binary.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == remote.Argument {
		if err := remote.Serve(context.Background(), os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func start(t *testing.T) *remote.Server {
	t.Helper()
	s, err := remote.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	if err := s.Create(t.Context(), "orders", time.Minute); err != nil {
		t.Fatal(err)
	}
	return s
}

// receive makes a request on a connection of its own.
func receive(t *testing.T, s *remote.Server) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, s.URL(), strings.NewReader(`{"QueueUrl":"orders","MaxNumberOfMessages":10}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "AmazonSQS.ReceiveMessage")
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	r.Close = true
	reply, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	if _, err := io.Copy(io.Discard, reply.Body); err != nil { // what is not read goes back to the queue
		t.Fatal(err)
	}
	if reply.StatusCode != http.StatusOK {
		t.Fatal(reply.Status)
	}
}

// The server counts messages, requests and connections; the control's are not among them.
func TestCounts(t *testing.T) {
	t.Parallel()
	s := start(t)
	if err := s.Fill(t.Context(), "orders", 25, 100); err != nil {
		t.Fatal(err)
	}
	before, err := s.Counts(t.Context(), "orders")
	if err != nil || before.Visible != 25 || before.Asked() != 0 {
		t.Fatalf("got %+v, %v; want 25 messages and no request", before, err)
	}
	for range 2 {
		receive(t, s)
	}
	got, err := s.Counts(t.Context(), "orders")
	if err != nil {
		t.Fatal(err)
	}
	if got.Visible != 5 || got.InFlight != 20 || got.Received != 20 || got.Asked() != 2 || got.Requests["ReceiveMessage"] != 2 {
		t.Errorf("got %+v after two receives of ten", got)
	}
	if n := got.Connections - before.Connections; n != 2 {
		t.Errorf("%d connections were opened, want 2", n)
	}
}

// Messages that are large fit, and a queue that is kept is full again after every receive.
func TestKeep(t *testing.T) {
	t.Parallel()
	s := start(t)
	if err := s.Fill(t.Context(), "orders", 2, 1<<20); err != nil {
		t.Fatal(err)
	}
	if err := s.Keep(t.Context(), "orders", 6, 10); err != nil {
		t.Fatal(err)
	}
	receive(t, s)
	for deadline := time.Now().Add(20 * time.Second); ; {
		got, err := s.Counts(t.Context(), "orders")
		if err != nil {
			t.Fatal(err)
		}
		if got.Visible == 6 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d messages wait, want 6", got.Visible)
		}
	}
	if err := s.Drop(t.Context(), "orders"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Counts(t.Context(), "orders"); err == nil || !strings.Contains(err.Error(), `no queue is called "orders"`) {
		t.Errorf("got %v of a queue that was dropped", err)
	}
}

func TestFails(t *testing.T) {
	t.Parallel()
	s := start(t)
	if err := s.Fill(t.Context(), "none", 1, 1); err == nil || !strings.Contains(err.Error(), "the server, fill: fill none: ") {
		t.Errorf("got %v", err)
	}
	if err := s.Create(t.Context(), "orders", 2*time.Minute); err == nil {
		t.Error("a queue was made twice")
	}
}

// Messages with numbers are told apart, each once, whoever sends them; and say when they were sent.
func TestNumbered(t *testing.T) {
	t.Parallel()
	s := start(t)
	before := time.Now()
	if err := s.Number(t.Context(), "orders", 12, 100); err != nil {
		t.Fatal(err)
	}
	if err := s.Create(t.Context(), "paced", time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := s.Pace(t.Context(), "paced", 12, 100, 10_000); err != nil {
		t.Fatal(err)
	}
	for _, queue := range []string{"orders", "paced"} {
		seen := map[int]int{}
		for len(seen) < 12 {
			bodies := receiveFrom(t, s, queue)
			if len(bodies) == 0 {
				t.Fatalf("%s: %d messages, want 12", queue, len(seen))
			}
			for _, body := range bodies {
				n, sent, err := remote.Read(body)
				if err != nil || n < 0 || n > 11 || len(body) != 100 || sent.Before(before.Round(0)) || sent.After(time.Now()) {
					t.Fatalf("%s: message %d of %d bytes, sent at %v, %v", queue, n, len(body), sent, err)
				}
				seen[n]++
			}
		}
	}
}

// receiveFrom returns the bodies of up to ten messages.
func receiveFrom(t *testing.T, s *remote.Server, queue string) (bodies []string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, s.URL(), strings.NewReader(`{"QueueUrl":"`+queue+`","MaxNumberOfMessages":10}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "AmazonSQS.ReceiveMessage")
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	reply, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	var got struct{ Messages []struct{ Body string } }
	if err := json.NewDecoder(reply.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	for _, m := range got.Messages {
		bodies = append(bodies, m.Body)
	}
	return bodies
}

// What was not sent by Number has no number.
func TestRead(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "the quick", "7", "7 ", "7 fox", "7 12x34"} {
		if _, _, err := remote.Read(body); err == nil {
			t.Errorf("%q was read", body)
		}
	}
}
