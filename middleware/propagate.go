package middleware

import (
	"context"
	"encoding/hex"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// received reads a trace's context out of message attributes.
type received map[string]types.MessageAttributeValue

func (c received) Get(key string) string {
	if v := c[key].StringValue; v != nil {
		return *v
	}
	return ""
}

func (c received) Set(string, string) {}

func (c received) Keys() []string {
	keys := make([]string, 0, len(c))
	for name := range c {
		keys = append(keys, name)
	}
	return keys
}

// extract returns the context in which a message was created: that of its attributes if
// they have one, else that of its X-Ray header. The context it returns is ctx with what
// else the propagator found, such as baggage, and still in the span of ctx.
func extract(ctx context.Context, p propagation.TextMapPropagator, as received, header string) (context.Context, trace.SpanContext) {
	if len(as) > 0 {
		ambient := trace.SpanFromContext(ctx)
		if ambient.SpanContext().IsValid() {
			ctx = trace.ContextWithSpan(ctx, nil)
		}
		ctx = p.Extract(ctx, as)
		found := trace.SpanContextFromContext(ctx)
		if ambient.SpanContext().IsValid() || found.IsValid() {
			ctx = trace.ContextWithSpan(ctx, ambient)
		}
		if found.IsValid() {
			return ctx, found
		}
	}
	return ctx, parseHeader(header)
}

// parseHeader reads an X-Ray trace header, "Root=1-5759e988-bd862e3fe1be46a994272793;
// Parent=53995c3f42cd8ad8;Sampled=1", whose fields come in any order. Without a root and
// a parent the span context is not valid.
func parseHeader(header string) trace.SpanContext {
	var c trace.SpanContextConfig
	for field := range strings.SplitSeq(header, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		switch name {
		case "Root":
			parts := strings.Split(value, "-")
			if len(parts) == 3 && parts[0] == "1" && len(parts[1]) == 8 {
				c.TraceID, _ = trace.TraceIDFromHex(parts[1] + parts[2])
			}
		case "Parent":
			c.SpanID, _ = trace.SpanIDFromHex(value)
		case "Sampled":
			c.TraceFlags = c.TraceFlags.WithSampled(value == "1")
		}
	}
	c.Remote = true
	return trace.NewSpanContext(c)
}

// formatHeader is the opposite of parseHeader.
func formatHeader(c trace.SpanContext) string {
	id, span := c.TraceID(), c.SpanID()
	b := make([]byte, 0, 80)
	b = append(b, "Root=1-"...)
	b = hex.AppendEncode(b, id[:4])
	b = append(b, '-')
	b = hex.AppendEncode(b, id[4:])
	b = append(b, ";Parent="...)
	b = hex.AppendEncode(b, span[:])
	b = append(b, ";Sampled="...)
	if c.IsSampled() {
		return string(append(b, '1'))
	}
	return string(append(b, '0'))
}
