package wire_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/api"
	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/wire"
)

func set(s string) api.Text { return api.Text{S: s, Set: true} }

// sameSend compares what two sends say, without regard to empty slices.
func sameSend(got, want api.Send) bool {
	for _, m := range []*api.Send{&got, &want} {
		if len(m.Attributes) == 0 {
			m.Attributes = nil
		}
		if len(m.System) == 0 {
			m.System = nil
		}
	}
	return reflect.DeepEqual(got, want)
}

func TestDecodeSend(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, doc string
		url       api.Text
		want      api.Send
	}{
		{"empty", "", api.Text{}, api.Send{}},
		{"empty object", " {\t} \r\n", api.Text{}, api.Send{}},
		{"null", "null", api.Text{}, api.Send{}},
		{
			"all", `{"QueueUrl":"http://q/1/a","MessageBody":"b","DelaySeconds":0,"MessageGroupId":"g","MessageDeduplicationId":"",
			"MessageAttributes":{"a":{"DataType":"String","StringValue":"v"},"b":{"DataType":"Binary","BinaryValue":"AQI="},"c":null,
			"d":{"BinaryValue":""}}, "MessageSystemAttributes":{"AWSTraceHeader":{"DataType":"String","StringValue":"Root=1"}}}`,
			set("http://q/1/a"),
			api.Send{
				Body: "b", Delay: api.Num(0), Group: set("g"), Dedup: set(""),
				Attributes: []api.Attribute{
					{Name: "a", Type: set("String"), String: set("v")},
					{Name: "b", Type: set("Binary"), Binary: []byte{1, 2}},
					{Name: "d", Binary: []byte{}},
				},
				System: []api.Attribute{{Name: "AWSTraceHeader", Type: set("String"), String: set("Root=1")}},
			},
		},
		{
			"null is absent",
			`{"QueueUrl":null,"MessageBody":null,"DelaySeconds":null,"MessageGroupId":null,"MessageAttributes":null,"MessageSystemAttributes":null}`,
			api.Text{}, api.Send{},
		},
		{"the last wins", `{"MessageBody":"a","DelaySeconds":1,"MessageGroupId":"g","MessageBody":"b","DelaySeconds":2,"MessageGroupId":null}`,
			api.Text{}, api.Send{Body: "b", Delay: api.Num(2)}},
		{"the last map wins", `{"MessageAttributes":{"a":{}},"MessageAttributes":{"b":{}}}`,
			api.Text{}, api.Send{Attributes: []api.Attribute{{Name: "b"}}}},
		{"repeated names stay", `{"MessageAttributes":{"a":{"DataType":"1"},"a":{"DataType":"2"}}}`,
			api.Text{}, api.Send{Attributes: []api.Attribute{{Name: "a", Type: set("1")}, {Name: "a", Type: set("2")}}}},
		{"scalars are cast", `{"MessageBody":-1.50e+3,"MessageGroupId":true,"MessageDeduplicationId":false,"QueueUrl":0}`,
			set("0"), api.Send{Body: "-1.50e+3", Group: set("true"), Dedup: set("false")}},
		{"unknown members", `{"x":{"y":[1,{"z":null}],"":"\""},"MessageBody":"b","Id":[],"messagebody":"c"}`, api.Text{}, api.Send{Body: "b"}},
		{"escaped names", `{"Message\u0042ody":"b"}`, api.Text{}, api.Send{Body: "b"}},
		{"lists", `{"MessageAttributes":{"a":{"StringListValues":["x",null]},"b":{"StringListValues":[null],"BinaryListValues":[]},"c":{"BinaryListValues":["AA=="]},
			"d":{"StringListValues":["x"],"StringListValues":null}}}`, api.Text{}, api.Send{
			Attributes: []api.Attribute{{Name: "a", Lists: true}, {Name: "b"}, {Name: "c", Lists: true}, {Name: "d"}},
		}},
		{"base64 with escapes", `{"MessageAttributes":{"a":{"BinaryValue":"\/\u002b8="}}}`, api.Text{},
			api.Send{Attributes: []api.Attribute{{Name: "a", Binary: []byte{0xff, 0xef}}}}},
		{"integers", `{"DelaySeconds":-0}`, api.Text{}, api.Send{Delay: api.Num(0)}},
		{"largest integer", `{"DelaySeconds":2147483647}`, api.Text{}, api.Send{Delay: api.Num(2147483647)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			// What the target held before must not show.
			m := api.Send{ID: "x", Body: "x", Attributes: make([]api.Attribute, 3), System: make([]api.Attribute, 3), Delay: api.Num(9), Group: set("x"), Dedup: set("x")}
			url, err := wire.DecodeSend([]byte(tt.doc), &m)
			if err != nil {
				t.Fatal(err)
			}
			if url != tt.url || !sameSend(m, tt.want) {
				t.Errorf("got  %+v %+v\nwant %+v %+v", url, m, tt.url, tt.want)
			}
		})
	}
}

func TestDecodeSendBatch(t *testing.T) {
	t.Parallel()
	const first = `{"Entries":[{"Id":"1","MessageBody":"a","MessageAttributes":{"n":{"DataType":"Number","StringValue":5}}},null,{"Id":2,"DelaySeconds":7}],"QueueUrl":"u"}`
	entries, url, err := wire.DecodeSendBatch([]byte(first), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []api.Send{
		{ID: "1", Body: "a", Attributes: []api.Attribute{{Name: "n", Type: set("Number"), String: set("5")}}},
		{ID: "2", Delay: api.Num(7)},
	}
	if len(entries) != 2 || url != set("u") || !sameSend(entries[0], want[0]) || !sameSend(entries[1], want[1]) {
		t.Errorf("got %+v %+v, want %+v", url, entries, want)
	}
	memory := &entries[0]
	entries, url, err = wire.DecodeSendBatch([]byte(`{"Entries":[{"Id":"x"}],"Entries":[{"Id":"3"}]}`), entries)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || url.Set || !sameSend(entries[0], api.Send{ID: "3"}) || &entries[0] != memory {
		t.Errorf("reused: got %+v %+v", url, entries)
	}
	entries, _, err = wire.DecodeSendBatch([]byte(`{"Entries":[{}],"Entries":null}`), entries)
	if err != nil || len(entries) != 0 {
		t.Errorf("null entries: got %+v, %v", entries, err)
	}
}

func TestDecodeReceive(t *testing.T) {
	t.Parallel()
	r := api.Receive{SystemAttributes: []string{"x"}, Attributes: []string{"x"}, Max: api.Num(1), Attempt: set("x")}
	url, err := wire.DecodeReceive([]byte(`{"QueueUrl":"u","MessageSystemAttributeNames":["S\u0031",null,"S2"],"VisibilityTimeout":0,"AttributeNames":["gone"],
		"WaitTimeSeconds":20,"MessageAttributeNames":["a.*"],"AttributeNames":["L1"],"ReceiveRequestAttemptId":"r"}`), &r)
	if err != nil {
		t.Fatal(err)
	}
	want := api.Receive{
		Visibility: api.Num(0), Wait: api.Num(20), Attempt: set("r"),
		SystemAttributes: []string{"L1", "S1", "S2"}, Attributes: []string{"a.*"},
	}
	if url != set("u") || !reflect.DeepEqual(r, want) {
		t.Errorf("got %+v %+v, want %+v", url, r, want)
	}
	if _, err := wire.DecodeReceive([]byte(`{"AttributeNames":["a",{"\"":1}]}`), &r); code(err) != wire.CodeMalformedInput {
		t.Errorf("an object among names: got %v", err)
	}
}

func TestDecodeChange(t *testing.T) {
	t.Parallel()
	var c api.Change
	url, err := wire.DecodeChange([]byte(`{"QueueUrl":"u","ReceiptHandle":"h","VisibilityTimeout":0}`), &c)
	if want := (api.Change{Handle: "h", Visibility: api.Num(0)}); err != nil || url != set("u") || c != want {
		t.Errorf("got %+v %+v, %v", url, c, err)
	}
	if _, err := wire.DecodeChange(nil, &c); err != nil || c != (api.Change{}) {
		t.Errorf("reset: got %+v, %v", c, err)
	}
	list, url, err := wire.DecodeChangeBatch([]byte(`{"QueueUrl":"u","Entries":[{"Id":"1","ReceiptHandle":"h1"},null,{"Id":"2","ReceiptHandle":"h2","VisibilityTimeout":-5}]}`), []api.Change{{ID: "x"}})
	want := []api.Change{{ID: "1", Handle: "h1"}, {ID: "2", Handle: "h2", Visibility: api.Num(-5)}}
	if err != nil || url != set("u") || !reflect.DeepEqual(list, want) {
		t.Errorf("got %+v %+v, %v", url, list, err)
	}
}

// code is that of an *engine.Error, else what the error says.
func code(err error) string {
	var e *engine.Error
	if errors.As(err, &e) {
		return e.Code
	}
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestDecodeTooMany(t *testing.T) {
	t.Parallel()
	entries := []byte(`{"Entries":[` + strings.Repeat(`{"Id":"a"},`, 4999) + `{}]}`)
	want := engine.Errorf(engine.CodeTooManyBatchEntries, "Maximum number of entries per request are 10. You have sent 5000.")
	list, _, err := wire.DecodeSendBatch(entries, nil)
	if !reflect.DeepEqual(err, error(want)) || len(list) > 100 {
		t.Errorf("send: got %d entries, %v", len(list), err)
	}
	changes, _, err := wire.DecodeChangeBatch(entries, nil)
	if !reflect.DeepEqual(err, error(want)) || len(changes) > 100 {
		t.Errorf("change: got %d entries, %v", len(changes), err)
	}
	if list, _, err = wire.DecodeSendBatch([]byte(`{"Entries":[`+strings.Repeat(`{},`, 10)+`{}]}`), nil); err != nil || len(list) != 11 {
		t.Errorf("eleven are left to the rules: got %d entries, %v", len(list), err)
	}
	var m api.Send
	_, err = wire.DecodeSend([]byte(`{"MessageAttributes":{`+strings.Repeat(`"":{},`, 4999)+`"":{}}}`), &m)
	if code(err) != wire.CodeMalformedInput || !strings.Contains(err.Error(), "more than 100 ") {
		t.Errorf("attributes: got %v", err)
	}
	_, err = wire.DecodeReceive([]byte(`{"MessageAttributeNames":[`+strings.Repeat(`"",`, 4999)+`""]}`), new(api.Receive))
	if code(err) != wire.CodeMalformedInput || !strings.Contains(err.Error(), "more than 200 ") {
		t.Errorf("names: got %v", err)
	}
}

// TestDecodeAllocations is not parallel: it counts what the whole program allocates.
func TestDecodeAllocations(t *testing.T) {
	doc := []byte(`{"QueueUrl":"u","MessageBody":"b","DelaySeconds":3,"MessageAttributes":{"a":{"DataType":"String","StringValue":"v","StringListValues":[]}},"Unknown":[1]}`)
	batch := []byte(`{"Entries":[{"Id":"1","MessageBody":"b"},{"Id":"2","MessageBody":"b","MessageAttributes":{"a":{}}}],"QueueUrl":"u"}`)
	receive := []byte(`{"QueueUrl":"u","AttributeNames":["a","b"],"MessageSystemAttributeNames":["c"],"MaxNumberOfMessages":10}`)
	change := []byte(`{"QueueUrl":"u","Entries":[{"Id":"1","ReceiptHandle":"h","VisibilityTimeout":30}]}`)
	var (
		m     api.Send
		sends []api.Send
		r     api.Receive
		list  []api.Change
	)
	for name, decode := range map[string]func() error{
		"send":         func() error { _, err := wire.DecodeSend(doc, &m); return err },
		"batch":        func() (err error) { sends, _, err = wire.DecodeSendBatch(batch, sends); return err },
		"receive":      func() error { _, err := wire.DecodeReceive(receive, &r); return err },
		"change batch": func() (err error) { list, _, err = wire.DecodeChangeBatch(change, list); return err },
	} {
		if n := testing.AllocsPerRun(100, func() {
			if err := decode(); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations, want none", name, n)
		}
	}
}
