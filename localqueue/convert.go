package localqueue

import (
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue/internal/api"
)

// sdkInt reads a plain integer of an SDK input, where 0 is not sent.
func sdkInt(n int32) api.Int { return api.Int{N: int(n), Set: n != 0} }

func sdkText(p *string) api.Text {
	if p == nil {
		return api.Text{}
	}
	return api.Text{S: *p, Set: true}
}

// optional is nil for an empty string: a member SQS leaves out. (The address of s itself would be
// allocated for that one too.)
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return new(s)
}

func messageAttributes(m map[string]types.MessageAttributeValue) []api.Attribute {
	return attributes(m, func(v types.MessageAttributeValue) types.MessageAttributeValue { return v })
}

func systemAttributes(m map[string]types.MessageSystemAttributeValue) []api.Attribute {
	return attributes(m, func(v types.MessageSystemAttributeValue) types.MessageAttributeValue {
		return types.MessageAttributeValue(v)
	})
}

func attributes[V any](m map[string]V, value func(V) types.MessageAttributeValue) []api.Attribute {
	if len(m) == 0 {
		return nil
	}
	out := make([]api.Attribute, 0, len(m))
	for name, v := range m {
		v := value(v)
		out = append(out, api.Attribute{
			Name: name, Type: sdkText(v.DataType), String: sdkText(v.StringValue), Binary: v.BinaryValue,
			Lists: len(v.StringListValues) > 0 || len(v.BinaryListValues) > 0,
		})
	}
	return out
}

// systemNames are both lists of system attribute names together.
func systemNames(in *sqs.ReceiveMessageInput) []string {
	var names []string
	//lint:ignore SA1019 deprecated in SQS, still served
	for _, n := range in.AttributeNames {
		names = append(names, string(n))
	}
	for _, n := range in.MessageSystemAttributeNames {
		names = append(names, string(n))
	}
	return names
}
