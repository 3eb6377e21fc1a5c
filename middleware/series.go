package middleware

import (
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

// series is a set of attributes, made ready to record with.
type series struct {
	record []metric.RecordOption
	add    []metric.AddOption
}

func newSeries(as []attribute.KeyValue) series {
	o := metric.WithAttributeSet(attribute.NewSet(as...))
	return series{[]metric.RecordOption{o}, []metric.AddOption{o}}
}

// seriesKey tells series apart: a queue, the value of the attribute that is the series'
// own, and the error.type, "" if there is none.
type seriesKey struct{ queue, url, what, err string }

// mostSeries is how many series are kept of an instrument. OpenTelemetry's SDK has a
// limit of its own, 2,000 by default.
const mostSeries = 2000

// A seriesCache keeps series: those of the queues of a process, times a few. Errors may
// say of themselves what they like, so there can be any number; those beyond mostSeries
// are made each time, which takes a microsecond.
type seriesCache struct {
	mu    sync.RWMutex
	known map[seriesKey]series
}

// of returns the series of k, with the attributes of its queue and error, and those of
// own that are valid.
func (c *seriesCache) of(k seriesKey, own ...attribute.KeyValue) series {
	c.mu.RLock()
	s, ok := c.known[k]
	c.mu.RUnlock()
	if ok {
		return s
	}
	as := queueAttributes(k.queue, k.url)
	for _, a := range own {
		if a.Valid() { // extending a visibility timeout has no operation.type
			as = append(as, a)
		}
	}
	if k.err != "" {
		as = append(as, semconv.ErrorTypeKey.String(k.err))
	}
	s = newSeries(as)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = make(map[seriesKey]series)
	}
	if len(c.known) < mostSeries {
		c.known[k] = s
	}
	return s
}
