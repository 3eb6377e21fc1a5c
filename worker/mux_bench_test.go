package worker_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/quayside-go/quayside/worker"
)

// BenchmarkMux is what routing costs a message; with a body, of about 4 KB.
func BenchmarkMux(b *testing.B) {
	long := `"x":"` + strings.Repeat("0123456789abcdef", 256) + `"`
	for _, bench := range []struct {
		name  string
		route func(*worker.Message) (string, error)
		m     worker.Message
	}{
		{"type", worker.ByType, worker.Message{Type: "50"}},
		{"field/only", worker.ByField("kind"), worker.Message{Body: `{"kind":"50"}`}},
		{"field/first", worker.ByField("kind"), worker.Message{Body: `{"kind":"50",` + long + `}`}},
		{"field/last", worker.ByField("kind"), worker.Message{Body: `{` + long + `,"kind":"50"}`}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			x := worker.NewMux(bench.route)
			for i := range 100 {
				x.Route(strconv.Itoa(i), worker.HandlerFunc(ok))
			}
			ctx := b.Context()
			b.ReportAllocs()
			for b.Loop() {
				if err := x.Handle(ctx, &bench.m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkBatch is what gathering costs a message, next to none: size 1 and JSON.
func BenchmarkBatch(b *testing.B) {
	b.Run("JSON", func(b *testing.B) {
		benchmarkParallel(b, worker.JSON(func(context.Context, int) error { return nil }))
	})
	for _, size := range []int{1, 10, 100} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			benchmarkParallel(b, worker.Batch(size, time.Millisecond, func(context.Context, []int) []error { return nil }))
		})
	}
}

// benchmarkParallel has 200 goroutines and more call h.
func benchmarkParallel(b *testing.B, h worker.Handler) {
	b.ReportAllocs()
	b.SetParallelism(200)
	b.RunParallel(func(pb *testing.PB) {
		m := &worker.Message{Body: "7"}
		for pb.Next() {
			if err := h.Handle(b.Context(), m); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
