package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue"
)

func TestMetrics(t *testing.T) {
	t.Parallel()
	m := newMetrics()
	m.registry.MustRegister(queueCollector{func() []localqueue.QueueStats {
		return []localqueue.QueueStats{{
			Account: "123456789012", Region: "eu-west-1", Name: "jobs.fifo", FIFO: true,
			Visible: 1, InFlight: 2, Delayed: 3, OldestMessage: 1500 * time.Millisecond,
			Sent: 4, Received: 5, EmptyReceives: 6, Deleted: 7, Moved: 8,
		}}
	}})
	m.observe(localqueue.Request{Action: "ReceiveMessage", Status: 200, Duration: 20*time.Second + time.Millisecond})
	m.observe(localqueue.Request{Action: "ReceiveMessage", Status: 200, Duration: 80 * time.Microsecond})
	m.observe(localqueue.Request{Status: 404})
	m.observe(localqueue.Request{Action: "SendMessage", Status: 500})
	m.observe(localqueue.Request{Action: "SendMessage", Status: 200, Err: errors.New("broken pipe")})

	w := httptest.NewRecorder()
	m.handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	page := w.Body.String()
	const queue = `{account="123456789012",queue="jobs.fifo",region="eu-west-1"}`
	for _, line := range []string{
		"# TYPE sqs_approximate_number_of_messages_visible gauge",
		"sqs_approximate_number_of_messages_visible" + queue + " 1",
		"sqs_approximate_number_of_messages_not_visible" + queue + " 2",
		"sqs_approximate_number_of_messages_delayed" + queue + " 3",
		"sqs_approximate_age_of_oldest_message_seconds" + queue + " 1.5",
		"# TYPE sqs_number_of_messages_sent_total counter",
		"sqs_number_of_messages_sent_total" + queue + " 4",
		"sqs_number_of_messages_received_total" + queue + " 5",
		"sqs_number_of_empty_receives_total" + queue + " 6",
		"sqs_number_of_messages_deleted_total" + queue + " 7",
		"sqs_number_of_messages_moved_total" + queue + " 8",
		`sqs_request_duration_seconds_bucket{action="ReceiveMessage",status="2xx",le="0.0001"} 1`,
		`sqs_request_duration_seconds_bucket{action="ReceiveMessage",status="2xx",le="10"} 1`,
		`sqs_request_duration_seconds_bucket{action="ReceiveMessage",status="2xx",le="20.5"} 2`,
		`sqs_request_duration_seconds_count{action="other",status="4xx"} 1`,
		`sqs_request_duration_seconds_count{action="SendMessage",status="5xx"} 1`,
		`sqs_request_duration_seconds_count{action="SendMessage",status="lost"} 1`,
	} {
		if !strings.Contains(page, "\n"+line+"\n") {
			t.Errorf("missing: %s", line)
		}
	}
	if t.Failed() {
		t.Log(page)
	}
}

func BenchmarkObserve(b *testing.B) {
	m := newMetrics()
	r := localqueue.Request{Action: "SendMessage", Status: 200, Duration: 50 * time.Microsecond}
	b.ReportAllocs()
	for b.Loop() {
		m.observe(r)
	}
}
