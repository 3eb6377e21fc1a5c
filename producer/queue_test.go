package producer_test

import (
	"testing"

	"github.com/quayside-go/quayside/producer"
)

func TestQueue(t *testing.T) {
	t.Parallel()
	for queue, want := range map[string]string{
		"orders": "orders", "https://sqs.eu-west-1.amazonaws.com/123456789012/orders.fifo": "orders.fifo",
	} {
		if got := producer.New(&fake{}, queue).Queue(); got != want {
			t.Errorf("the queue of %q is %q, want %q", queue, got, want)
		}
	}
}
