package wire_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/api"
	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/wire"
)

var actions = []string{
	"AddPermission", "CancelMessageMoveTask", "ChangeMessageVisibility", "ChangeMessageVisibilityBatch", "CreateQueue", "DeleteMessage", "DeleteMessageBatch", "DeleteQueue",
	"GetQueueAttributes", "GetQueueUrl", "ListDeadLetterSourceQueues", "ListMessageMoveTasks", "ListQueueTags", "ListQueues", "PurgeQueue", "ReceiveMessage",
	"RemovePermission", "SendMessage", "SendMessageBatch", "SetQueueAttributes", "StartMessageMoveTask", "TagQueue", "UntagQueue",
}

// FuzzForm makes a document of any form for any action, and of a form of texts
// one that says these texts again.
func FuzzForm(f *testing.F) {
	f.Add(uint8(18), "SendMessageBatchRequestEntry.1.MessageAttribute.1.Name=a&SendMessageBatchRequestEntry.10.Id=b&Entries=&DelaySeconds=", "a", "\x00\"\\\xff", "1", int32(5))
	f.Add(uint8(4), "Attribute.1.Name=a&Attribute.1.Value=b&Tag.1.Key=&tags=&Tag..1=&Tag.1.=x&.=&=", "", "", "99999999999999999999", int32(-1))
	f.Add(uint8(15), "AttributeName.1=All&AttributeName.01=x&AttributeName.2.x=&MessageAttributeNames=&VisibilityTimeout=1.5", "\xed\xa0\x80", "n", "0", int32(0))
	f.Add(uint8(17), "MessageAttribute.1.Value.StringListValue.1=a&MessageAttributes.1.Value=&MessageSystemAttribute.3.Name=x&MessageAttribute.1", "b", "n", "x", int32(1))
	f.Add(uint8(17), "TagKey."+strings.Repeat("9", 300)+"=a", "b", "n", strings.Repeat("9", 300), int32(1))
	var many strings.Builder
	for i := range 101 {
		fmt.Fprintf(&many, "Entries.%d.Id=a&TagKey.%d=a&TagKey.2%03d=a&", i, i, i)
	}
	f.Add(uint8(6), many.String(), "b", "n", "1", int32(1))
	f.Add(uint8(22), many.String(), "b", "n", "1", int32(1))
	f.Fuzz(func(t *testing.T, action uint8, query, body, name, number string, delay int32) {
		number = number[:min(len(number), 100)] // longer keys are not read: TestAppendFormLongKeys
		form, _ := url.ParseQuery(query)        // what it could read
		checkAnyForm(t, actions[int(action)%len(actions)], form)

		key := "MessageAttribute." + number + "."
		doc, err := wire.AppendForm(nil, "SendMessage", url.Values{
			"MessageBody": {body}, "MessageGroupId": {name}, "DelaySeconds": {strconv.Itoa(int(delay))},
			key + "Name": {name}, key + "Value.DataType": {body}, key + "Value.StringValue": {number},
		})
		if err != nil {
			t.Fatal(err)
		}
		want := api.Send{Body: body, Group: set(name), Delay: api.Num(int(delay))}
		if n := bytes.Trim([]byte(number), "0123456789"); number != "" && len(n) == 0 && (number == "0" || number[0] != '0') {
			want.Attributes = []api.Attribute{{Name: name, Type: set(body), String: set(number)}}
		}
		var got api.Send
		if _, err := wire.DecodeSend(bytes.Clone(doc), &got); err != nil || !sameSend(got, want) {
			t.Fatalf("%s: got %+v, %v, want %+v", doc, got, err, want)
		}
	})
}

func checkAnyForm(t *testing.T, action string, form url.Values) {
	doc, err := wire.AppendForm(nil, action, form)
	if err != nil {
		if code(err) != wire.CodeMalformedInput {
			t.Fatalf("%s %v: %v", action, form, err)
		}
		return
	}
	if !json.Valid(doc) {
		t.Fatalf("%s %v: not JSON: %s", action, form, doc)
	}
	again, err := wire.AppendForm(nil, action, form)
	if err != nil || !reflect.DeepEqual(again, doc) {
		t.Fatalf("%s %v: first %s, then %s, %v", action, form, doc, again, err)
	}
	err = decodeAs(action, doc)
	long := code(err) == engine.CodeTooManyBatchEntries || err != nil && strings.Contains(err.Error(), " more than ")
	if err != nil && !long && !bytes.Contains(again, []byte("Binary")) { // base64 may be wrong
		t.Fatalf("%s %v: %s: %v", action, form, again, err)
	}
}

// decodeAs reads doc with the decoder of its action.
func decodeAs(action string, doc []byte) (err error) {
	switch action {
	case "SendMessage":
		_, err = wire.DecodeSend(doc, new(api.Send))
	case "SendMessageBatch":
		_, _, err = wire.DecodeSendBatch(doc, nil)
	case "ReceiveMessage":
		_, err = wire.DecodeReceive(doc, new(api.Receive))
	case "DeleteMessage", "ChangeMessageVisibility":
		_, err = wire.DecodeChange(doc, new(api.Change))
	case "DeleteMessageBatch", "ChangeMessageVisibilityBatch":
		_, _, err = wire.DecodeChangeBatch(doc, nil)
	default:
		var list []string
		var pairs map[string]string
		var number *int32
		for _, to := range []wire.Member{{"AttributeNames", &list}, {"TagKeys", &list}, {"Actions", &list}, {"Attributes", &pairs}, {"Tags", &pairs}, {"tags", &pairs}, {"MaxResults", &number}} {
			err = errors.Join(err, wire.Bind(bytes.Clone(doc), to))
		}
	}
	return err
}
