package wire_test

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/wire"
)

func TestAppendForm(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, action, form, want string }{
		{"nothing", "SendMessage", "", `{}`},
		{"other keys", "DeleteQueue", "Action=DeleteQueue&Version=2012-11-05&X=1&QueueUrl.1=x&QueueUrl=u&QueueUrl=second", `{"QueueUrl":"u"}`},
		{"escapes", "SendMessage", "MessageBody=%22a%5C%0A%01%7F%C3%A9%FF%22", "{\"MessageBody\":\"\\\"a\\\\\\n\\u0001\x7f\u00e9\xff\\\"\"}"},
		{"integers", "ReceiveMessage", "VisibilityTimeout=0&WaitTimeSeconds=%2B020&MaxNumberOfMessages=-1", `{"MaxNumberOfMessages":-1,"VisibilityTimeout":0,"WaitTimeSeconds":20}`},
		{"an empty integer", "ReceiveMessage", "VisibilityTimeout=", `{}`},
		{"an empty text", "SendMessage", "MessageGroupId=", `{"MessageGroupId":""}`},
		{"numbers in order", "UntagQueue", "TagKey.10=c&TagKey.9=b&TagKey.3=a&TagKey.100000000000000000000000=e&TagKey.99999999999999999999999=d&TagKey.0=z", `{"TagKeys":["z","a","b","c","d","e"]}`},
		{"no numbers", "UntagQueue", "TagKey.01=a&TagKey.x=b&TagKey.=c&TagKey.1.2=d&TagKey.-1=e&TagKey.%2B1=f&TagKey=g&TagKey..1=h", `{}`},
		{"plural", "UntagQueue", "TagKeys.2=b&TagKeys.1=a", `{"TagKeys":["a","b"]}`},
		{"both", "UntagQueue", "TagKeys.1=b&TagKey.2=a", `{"TagKeys":["a","b"]}`},
		{"an empty list", "ReceiveMessage", "MessageAttributeNames=&AttributeNames=x", `{"MessageAttributeNames":[]}`},
		{"an empty map", "SetQueueAttributes", "Attributes=", `{"Attributes":{}}`},
		{"an empty batch", "SendMessageBatch", "Entries=", `{"Entries":[]}`},
		{"a key on its own", "SendMessageBatch", "SendMessageBatchRequestEntry.1=", `{}`},
		{"numbers with nothing known", "SendMessageBatch", "SendMessageBatchRequestEntry.1.X=1&SendMessageBatchRequestEntry.2.MessageAttribute.1.Value.X=1&SendMessageBatchRequestEntry.2.MessageAttribute.2..Name=1", `{}`},
		{"names of attributes", "ReceiveMessage", "AttributeName.1=All&MessageSystemAttributeName.1=SenderId&MessageAttributeName.1=a&MessageAttributeName.2=b",
			`{"AttributeNames":["All"],"MessageSystemAttributeNames":["SenderId"],"MessageAttributeNames":["a","b"]}`},
		{"queue attributes", "CreateQueue", "QueueName=q&Attribute.1.Name=A&Attribute.1.Value=1&Attribute.2.Name=B&Attribute.3.Value=3&Attribute.4.Name=A&Attribute.4.Value=4",
			`{"QueueName":"q","Attributes":{"A":"1","B":"","":"3","A":"4"}}`},
		{"tags at creation", "CreateQueue", "Tag.1.Key=k&Tag.1.Value=v&tags.1.Key=l&Tags.2.Key=m", `{"tags":{"k":"v","m":"","l":""}}`},
		{"tags", "TagQueue", "Tag.1.Key=k&Tag.1.Value=v", `{"Tags":{"k":"v"}}`},
		{"permission", "AddPermission", "Label=l&AWSAccountId.1=1&AWSAccountId.2=2&ActionName.1=SendMessage&QueueUrl=u",
			`{"QueueUrl":"u","Label":"l","AWSAccountIds":["1","2"],"Actions":["SendMessage"]}`},
		{"message attributes", "SendMessage", "MessageBody=b&MessageAttribute.1.Name=a&MessageAttribute.1.Value.DataType=String&MessageAttribute.1.Value.StringValue=v" +
			"&MessageAttributes.2.Name=b&MessageAttributes.2.Value.BinaryValue=AA%3D%3D&MessageAttribute.3.Value.StringListValue.2=y&MessageAttribute.3.Value.StringListValue.1=x" +
			"&MessageSystemAttribute.1.Name=AWSTraceHeader&MessageSystemAttribute.1.Value.DataType=String",
			`{"MessageBody":"b","MessageAttributes":{"a":{"DataType":"String","StringValue":"v"},"":{"StringListValues":["x","y"]},"b":{"BinaryValue":"AA=="}},` +
				`"MessageSystemAttributes":{"AWSTraceHeader":{"DataType":"String"}}}`},
		{"repeated attributes", "SendMessage", "MessageAttribute.1.Name=a&MessageAttribute.2.Name=a", `{"MessageAttributes":{"a":{},"a":{}}}`},
		{"send batch", "SendMessageBatch", "SendMessageBatchRequestEntry.2.Id=2&SendMessageBatchRequestEntry.1.Id=1&SendMessageBatchRequestEntry.1.MessageBody=b" +
			"&SendMessageBatchRequestEntry.1.DelaySeconds=5&SendMessageBatchRequestEntry.1.MessageAttribute.1.Name=a&SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType=String" +
			"&SendMessageBatchRequestEntry.11.Id=11&QueueUrl=u",
			`{"QueueUrl":"u","Entries":[{"Id":"1","MessageBody":"b","DelaySeconds":5,"MessageAttributes":{"a":{"DataType":"String"}}},{"Id":"2"},{"Id":"11"}]}`},
		{"delete batch", "DeleteMessageBatch", "DeleteMessageBatchRequestEntry.1.Id=1&DeleteMessageBatchRequestEntry.1.ReceiptHandle=h&DeleteMessageBatchRequestEntry.1.VisibilityTimeout=x",
			`{"Entries":[{"Id":"1","ReceiptHandle":"h"}]}`},
		{"change batch", "ChangeMessageVisibilityBatch", "ChangeMessageVisibilityBatchRequestEntry.1.Id=1&ChangeMessageVisibilityBatchRequestEntry.1.VisibilityTimeout=0",
			`{"Entries":[{"Id":"1","VisibilityTimeout":0}]}`},
		{"change", "ChangeMessageVisibility", "ReceiptHandle=h&VisibilityTimeout=30", `{"ReceiptHandle":"h","VisibilityTimeout":30}`},
		{"delete", "DeleteMessage", "ReceiptHandle=h", `{"ReceiptHandle":"h"}`},
		{"queue url", "GetQueueUrl", "QueueName=q&QueueOwnerAWSAccountId=1", `{"QueueName":"q","QueueOwnerAWSAccountId":"1"}`},
		{"queues", "ListQueues", "QueueNamePrefix=p&MaxResults=5&NextToken=t", `{"QueueNamePrefix":"p","MaxResults":5,"NextToken":"t"}`},
		{"move task", "StartMessageMoveTask", "SourceArn=s&DestinationArn=d&MaxNumberOfMessagesPerSecond=500", `{"SourceArn":"s","DestinationArn":"d","MaxNumberOfMessagesPerSecond":500}`},
		{"move tasks", "ListMessageMoveTasks", "SourceArn=s&MaxResults=1", `{"SourceArn":"s","MaxResults":1}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			form, err := url.ParseQuery(tt.form)
			if err != nil {
				t.Fatal(err)
			}
			got, err := wire.AppendForm([]byte("+"), tt.action, form)
			if err != nil || string(got) != "+"+tt.want {
				t.Errorf("got  %s, %v\nwant +%s", got, err, tt.want)
			}
		})
	}
}

func TestAppendFormRefusals(t *testing.T) {
	t.Parallel()
	tests := []struct{ action, form, code, message string }{
		{"Nothing", "", "InvalidAction", "The action Nothing is not valid for this endpoint."},
		{"SendMessage", "DelaySeconds=1.5", wire.CodeMalformedInput, `Value "1.5" for parameter DelaySeconds is not an integer of 32 bits.`},
		{"ListQueues", "MaxResults=2147483648", wire.CodeMalformedInput, `Value "2147483648" for parameter MaxResults is not an integer of 32 bits.`},
		{"ChangeMessageVisibilityBatch", "ChangeMessageVisibilityBatchRequestEntry.3.VisibilityTimeout=%FF&ChangeMessageVisibilityBatchRequestEntry.4.VisibilityTimeout=z",
			wire.CodeMalformedInput, `Value "\xff" for parameter ChangeMessageVisibilityBatchRequestEntry.3.VisibilityTimeout is not an integer of 32 bits.`},
	}
	for _, tt := range tests {
		t.Run(tt.action, func(t *testing.T) {
			t.Parallel()
			form, err := url.ParseQuery(tt.form)
			if err != nil {
				t.Fatal(err)
			}
			_, err = wire.AppendForm(nil, tt.action, form)
			if want := tt.code + ": " + tt.message; err == nil || code(err) != tt.code || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
}

// TestAppendFormLongKeys are dropped before they are sorted, part by part.
func TestAppendFormLongKeys(t *testing.T) {
	t.Parallel()
	form := url.Values{"TagKey.1": {"short"}, "TagKey." + strings.Repeat("1", 300): {"long"}}
	doc, err := wire.AppendForm(nil, "UntagQueue", form)
	if want := `{"TagKeys":["short"]}`; err != nil || string(doc) != want {
		t.Errorf("got %s, %v, want %s", doc, err, want)
	}
}

// TestAppendFormLarge makes a document of a form with far more keys than any
// client sends, each list in another.
func TestAppendFormLarge(t *testing.T) {
	t.Parallel()
	const entries, attributes = 100, 100
	form := url.Values{}
	for i := range entries {
		for k := range attributes {
			form.Set(fmt.Sprintf("SendMessageBatchRequestEntry.%d.MessageAttribute.%d.Name", i, k), strconv.Itoa(k))
		}
	}
	doc, err := wire.AppendForm(nil, "SendMessageBatch", form)
	if err != nil {
		t.Fatal(err)
	}
	list, _, err := wire.DecodeSendBatch(doc, nil)
	if err != nil || len(list) != entries {
		t.Fatalf("got %d entries, %v", len(list), err)
	}
	for _, m := range list {
		if len(m.Attributes) != attributes || m.Attributes[12].Name != "12" {
			t.Fatalf("got %d attributes: %+v", len(m.Attributes), m.Attributes)
		}
	}
}
