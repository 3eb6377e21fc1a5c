package main

import (
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/quayside-go/quayside/localqueue"
)

// metrics is what /metrics shows: the queues, the requests, the process.
type metrics struct {
	registry  *prometheus.Registry
	durations *prometheus.HistogramVec

	mu    sync.Mutex
	known atomic.Pointer[map[labels]prometheus.Observer] // those of durations; replaced when one is added
}

// labels are those of a request's duration.
type labels struct{ action, status string }

// durationBuckets, in seconds, reach from a send in memory to the longest poll,
// which ends shortly after 20 s.
var durationBuckets = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5, 10, 20.5}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "sqs_request_duration_seconds",
			Help:    "Time from a request's arrival to the end of its reply, long polls included.",
			Buckets: durationBuckets,
		}, []string{"action", "status"}),
	}
	m.known.Store(&map[labels]prometheus.Observer{})
	m.registry.MustRegister(m.durations, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// observe counts a request. What named no action of SQS's is "other", so that
// nobody can make labels up.
func (m *metrics) observe(r localqueue.Request) {
	action := r.Action
	if action == "" {
		action = "other"
	}
	m.of(labels{action, statusOf(r)}).Observe(r.Duration.Seconds())
}

// of is what m.durations has for l; asking that each time costs more than all else here.
func (m *metrics) of(l labels) prometheus.Observer {
	if o, ok := (*m.known.Load())[l]; ok {
		return o
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	l.action = strings.Clone(l.action) // it may be a part of a request's body
	more := maps.Clone(*m.known.Load())
	more[l] = m.durations.WithLabelValues(l.action, l.status)
	m.known.Store(&more)
	return more[l]
}

// statusOf is the class of the reply's HTTP status; "lost" if the client was gone.
func statusOf(r localqueue.Request) string {
	switch {
	case r.Err != nil:
		return "lost"
	case r.Status >= 500:
		return "5xx"
	case r.Status >= 400:
		return "4xx"
	default:
		return "2xx"
	}
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// queueCollector reads the figures of the queues when they are asked for.
type queueCollector struct {
	stats func() []localqueue.QueueStats
}

// queueMetric is one figure of a queue, named as in CloudWatch.
type queueMetric struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(*localqueue.QueueStats) float64
}

func newQueueMetric(name, help string, kind prometheus.ValueType, value func(*localqueue.QueueStats) float64) queueMetric {
	return queueMetric{prometheus.NewDesc("sqs_"+name, help, []string{"queue", "account", "region"}, nil), kind, value}
}

var queueMetrics = []queueMetric{
	newQueueMetric("approximate_number_of_messages_visible", "Messages that can be received.",
		prometheus.GaugeValue, func(q *localqueue.QueueStats) float64 { return float64(q.Visible) }),
	newQueueMetric("approximate_number_of_messages_not_visible", "Messages in flight: received, not yet deleted.",
		prometheus.GaugeValue, func(q *localqueue.QueueStats) float64 { return float64(q.InFlight) }),
	newQueueMetric("approximate_number_of_messages_delayed", "Messages sent with a delay that is not over.",
		prometheus.GaugeValue, func(q *localqueue.QueueStats) float64 { return float64(q.Delayed) }),
	newQueueMetric("approximate_age_of_oldest_message_seconds", "Age of the message sent longest ago, 0 if there is none.",
		prometheus.GaugeValue, func(q *localqueue.QueueStats) float64 { return q.OldestMessage.Seconds() }),
	newQueueMetric("number_of_messages_sent_total", "Messages accepted.",
		prometheus.CounterValue, func(q *localqueue.QueueStats) float64 { return float64(q.Sent) }),
	newQueueMetric("number_of_messages_received_total", "Messages handed out.",
		prometheus.CounterValue, func(q *localqueue.QueueStats) float64 { return float64(q.Received) }),
	newQueueMetric("number_of_empty_receives_total", "Receives that found nothing.",
		prometheus.CounterValue, func(q *localqueue.QueueStats) float64 { return float64(q.EmptyReceives) }),
	newQueueMetric("number_of_messages_deleted_total", "Messages deleted by their receivers.",
		prometheus.CounterValue, func(q *localqueue.QueueStats) float64 { return float64(q.Deleted) }),
	newQueueMetric("number_of_messages_moved_total", "Messages moved to another queue, by redrive policy or move task.",
		prometheus.CounterValue, func(q *localqueue.QueueStats) float64 { return float64(q.Moved) }),
	newQueueMetric("number_of_messages_damaged_total", "Times a message could not be handed out since it cannot be read.",
		prometheus.CounterValue, func(q *localqueue.QueueStats) float64 { return float64(q.Damaged) }),
}

func (c queueCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, m := range queueMetrics {
		ch <- m.desc
	}
}

func (c queueCollector) Collect(ch chan<- prometheus.Metric) {
	for _, q := range c.stats() {
		for _, m := range queueMetrics {
			ch <- prometheus.MustNewConstMetric(m.desc, m.kind, m.value(&q), q.Name, q.Account, q.Region)
		}
	}
}
