package middleware

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/worker"
)

// opened is what a message holds once its envelope is off.
type opened struct {
	body, typ  string
	attributes map[string]types.MessageAttributeValue
}

// handle calls next with m as o says, and puts m back however that returns: the worker
// still needs it, and may have it handled again.
func (o opened) handle(ctx context.Context, m *worker.Message, next worker.Handler) error {
	before := opened{m.Body, m.Type, m.Attributes}
	defer before.put(m)
	o.put(m)
	return next.Handle(ctx, m)
}

func (o opened) put(m *worker.Message) {
	m.Body, m.Type, m.Attributes = o.body, o.typ, o.attributes
}
