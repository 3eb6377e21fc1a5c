package middleware

import (
	"fmt"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// What errors say of themselves (ErrorType) may be anything: it does not fill the memory,
// and counts all the same.
func TestSeriesCacheIsBounded(t *testing.T) {
	t.Parallel()
	var c seriesCache
	for i := range 100_000 {
		s := c.of(seriesKey{"orders", "", "send", fmt.Sprint("order ", i)})
		with := metric.NewAddConfig(s.add)
		set := with.Attributes()
		if v, _ := set.Value(attribute.Key("error.type")); v.AsString() != fmt.Sprint("order ", i) {
			t.Fatalf("the series of error %d has error.type %q", i, v.AsString())
		}
	}
	if n := len(c.known); n > 10_000 {
		t.Errorf("%d series are kept", n)
	}
}
