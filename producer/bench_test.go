package producer_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/producer"
)

func BenchmarkSend(b *testing.B) {
	for _, senders := range []int{1, 100} {
		b.Run(fmt.Sprint("senders=", senders), func(b *testing.B) {
			q := openLocal(b)
			defer q.Close()
			q.MustCreate("orders")
			p := producer.New(q, "orders")
			b.ReportAllocs()
			b.SetParallelism(senders)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := p.Send(context.Background(), producer.Message{Body: "body"}); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

func BenchmarkSendAll(b *testing.B) {
	q := openLocal(b)
	defer q.Close()
	q.MustCreate("orders")
	p := producer.New(q, "orders")
	ms := make([]producer.Message, 1000)
	for i := range ms {
		ms[i].Body = strings.Repeat("x", 256)
	}
	b.ReportAllocs()
	for range b.N / len(ms) {
		if _, err := p.SendAll(context.Background(), ms...); err != nil {
			b.Error(err)
		}
	}
}
