package localqueue_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quayside-go/quayside/localqueue"
)

// asked is a raw request, and answered what came back.
type asked struct {
	method, path, body string
	header             [][2]string
}

type answered struct {
	status int
	header http.Header
	body   string
}

func raw(t *testing.T, s http.Handler, a asked) answered {
	t.Helper()
	if a.path == "" {
		a.path = "/"
	}
	if a.method == "" {
		a.method = http.MethodPost
	}
	r := httptest.NewRequest(a.method, "http://localhost:9324"+a.path, strings.NewReader(a.body))
	for _, h := range a.header {
		if h[0] == "Host" {
			r.Host = h[1]
		} else {
			r.Header.Set(h[0], h[1])
		}
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	b, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return answered{w.Code, w.Result().Header, string(b)}
}

func jsonCall(action, body string) asked {
	return asked{body: body, header: [][2]string{{"X-Amz-Target", "AmazonSQS." + action}, {"Content-Type", "application/x-amz-json-1.0"}}}
}

func form(pairs ...string) asked {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return asked{body: v.Encode(), header: [][2]string{{"Content-Type", "application/x-www-form-urlencoded"}}}
}

// masked replaces what differs from run to run.
func masked(a answered) string {
	body := a.body
	if id := a.header.Get("x-amzn-RequestId"); id != "" {
		body = strings.ReplaceAll(body, id, "REQUEST")
	}
	return fmt.Sprintf("%d %s %s| %s", a.status, a.header.Get("Content-Type"), a.header.Get("x-amzn-query-error"), body)
}

const (
	jsonType = "application/x-amz-json-1.0 "
	xmlns    = ` xmlns="http://queue.amazonaws.com/doc/2012-11-05/"`
	prolog   = `<?xml version="1.0"?>`
	metadata = `<ResponseMetadata><RequestId>REQUEST</RequestId></ResponseMetadata>`
	base     = "http://localhost:9324/000000000000/"
)

func xmlError(status int, code, message string) string {
	return fmt.Sprintf("%d text/xml | %s<ErrorResponse%s><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message><Detail/></Error><RequestId>REQUEST</RequestId></ErrorResponse>",
		status, prolog, xmlns, code, message)
}

// TestProtocols says byte for byte what both protocols answer, calls in order on one
// server that has the queues orders and orders-dlq.
func TestProtocols(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.MustCreate("orders -> orders-dlq")
	at := func(path string, a asked) asked { a.path = path; return a }
	get := func(path string) asked { return asked{method: http.MethodGet, path: path} }
	const (
		noQueue     = `com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}`
		noQueueText = "The specified queue does not exist for this wsdl version."
	)
	for _, c := range []struct {
		name string
		ask  asked
		want string
	}{
		// JSON
		{"a result", jsonCall("GetQueueUrl", `{"QueueName":"orders"}`), "200 " + jsonType + `| {"QueueUrl":"` + base + `orders"}`},
		{"void: no body", jsonCall("TagQueue", `{"QueueUrl":"orders","Tags":{"a":"b"}}`), "200 " + jsonType + "| "},
		{"nothing to tell: {}", jsonCall("ListQueues", `{"QueueNamePrefix":"none"}`), "200 " + jsonType + "| {}"},
		{"empty receive: {}", jsonCall("ReceiveMessage", `{"QueueUrl":"orders"}`), "200 " + jsonType + "| {}"},
		{"no sources: {}", jsonCall("ListDeadLetterSourceQueues", `{"QueueUrl":"orders"}`), "200 " + jsonType + "| {}"},
		{"sources in lower case", jsonCall("ListDeadLetterSourceQueues", `{"QueueUrl":"orders-dlq"}`), "200 " + jsonType + `| {"queueUrls":["` + base + `orders"]}`},
		{"null is absent", jsonCall("ListQueues", `{"QueueNamePrefix":"orders-","MaxResults":null}`), "200 " + jsonType + `| {"QueueUrls":["` + base + `orders-dlq"]}`},
		{"a queue's path will do", at("/000000000000/orders", jsonCall("UntagQueue", `{"QueueUrl":"orders","TagKeys":["a"]}`)), "200 " + jsonType + "| "},
		{"tags of a new queue in lower case", jsonCall("CreateQueue", `{"QueueName":"tagged","tags":{"k":"v"}}`), "200 " + jsonType + `| {"QueueUrl":"` + base + `tagged"}`},
		{"which it has", jsonCall("ListQueueTags", `{"QueueUrl":"tagged"}`), "200 " + jsonType + `| {"Tags":{"k":"v"}}`},
		{"modelled error", jsonCall("PurgeQueue", `{"QueueUrl":"missing"}`), "400 " + jsonType + `AWS.SimpleQueueService.NonExistentQueue;Sender| {"__type":"` + noQueue},
		{"no QueueUrl", jsonCall("SendMessage", `{"MessageBody":"hello"}`), "400 " + jsonType + `AWS.SimpleQueueService.NonExistentQueue;Sender| {"__type":"` + noQueue},
		{"error of the framework", jsonCall("SendMessage", `{"QueueUrl":"orders"}`), "400 " + jsonType + `MissingParameter;Sender| {"__type":"com.amazon.coral.service#MissingRequiredParameterException","message":"The request must contain the parameter MessageBody."}`},
		{"404", jsonCall("DeleteMessage", `{"QueueUrl":"orders","ReceiptHandle":"x"}`), "404 " + jsonType + `ReceiptHandleIsInvalid;Sender| {"__type":"com.amazonaws.sqs#ReceiptHandleIsInvalid","message":"The input receipt handle \"x\" is not a valid receipt handle."}`},
		{"unknown action", jsonCall("Sing", `{}`), "400 " + jsonType + `| {"__type":"com.amazon.coral.service#UnknownOperationException"}`},
		{"unknown target", with(asked{body: "{}"}, "X-Amz-Target", "DynamoDB.ListTables"), "400 " + jsonType + `| {"__type":"com.amazon.coral.service#UnknownOperationException"}`},
		{"not a document", jsonCall("ListQueues", `[]`), "400 " + jsonType + `MalformedInput;Sender| {"__type":"com.amazon.coral.service#SerializationException","message":"Start of list found where not expected"}`},
		{"delay out of range", jsonCall("SendMessage", `{"QueueUrl":"orders","MessageBody":"now","DelaySeconds":901}`), "400 " + jsonType + `InvalidParameterValue;Sender| {"__type":"com.amazon.coral.service#InvalidParameterValueException","message":"Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."}`},
		{"no messages asked", jsonCall("ReceiveMessage", `{"QueueUrl":"orders","MaxNumberOfMessages":0}`), "400 " + jsonType + `InvalidParameterValue;Sender| {"__type":"com.amazon.coral.service#InvalidParameterValueException","message":"Value 0 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."}`},

		// Query
		{"a result in XML", form("Action", "GetQueueUrl", "QueueName", "orders", "Version", "2012-11-05"), "200 text/xml | " + prolog + "<GetQueueUrlResponse" + xmlns + "><GetQueueUrlResult><QueueUrl>" + base + "orders</QueueUrl></GetQueueUrlResult>" + metadata + "</GetQueueUrlResponse>"},
		{"by GET", get("/?Action=ListQueues&QueueNamePrefix=orders"), "200 text/xml | " + prolog + "<ListQueuesResponse" + xmlns + "><ListQueuesResult><QueueUrl>" + base + "orders</QueueUrl><QueueUrl>" + base + "orders-dlq</QueueUrl></ListQueuesResult>" + metadata + "</ListQueuesResponse>"},
		{"void in XML", at("/000000000000/orders", form("Action", "TagQueue", "Tag.1.Key", "a", "Tag.1.Value", "b")), "200 text/xml | " + prolog + "<TagQueueResponse" + xmlns + ">" + metadata + "</TagQueueResponse>"},
		{"a map in XML", at("/000000000000/orders", form("Action", "ListQueueTags")), "200 text/xml | " + prolog + "<ListQueueTagsResponse" + xmlns + "><ListQueueTagsResult><Tag><Key>a</Key><Value>b</Value></Tag></ListQueueTagsResult>" + metadata + "</ListQueueTagsResponse>"},
		{"nothing in XML", at("/000000000000/orders", form("Action", "ReceiveMessage")), "200 text/xml | " + prolog + "<ReceiveMessageResponse" + xmlns + "><ReceiveMessageResult/>" + metadata + "</ReceiveMessageResponse>"},
		{"QueueUrl beats the path", at("/000000000000/orders", form("Action", "ListQueueTags", "QueueUrl", "orders-dlq")), "200 text/xml | " + prolog + "<ListQueueTagsResponse" + xmlns + "><ListQueueTagsResult/>" + metadata + "</ListQueueTagsResponse>"},
		{"error in XML", form("Action", "PurgeQueue", "QueueUrl", "missing"), xmlError(400, "AWS.SimpleQueueService.NonExistentQueue", noQueueText)},
		{"not on a queue", get("/000000000000/orders?Action=ListQueues"), xmlError(400, "InvalidAction", "The action ListQueues is not valid for this endpoint.")},
		{"create not on a queue", at("/000000000000/orders", form("Action", "CreateQueue", "QueueName", "x")), xmlError(400, "InvalidAction", "The action CreateQueue is not valid for this endpoint.")},
		{"GetQueueUrl on a queue", get("/000000000000/orders?Action=GetQueueUrl&QueueName=tagged"), "200 text/xml | " + prolog + "<GetQueueUrlResponse" + xmlns + "><GetQueueUrlResult><QueueUrl>" + base + "tagged</QueueUrl></GetQueueUrlResult>" + metadata + "</GetQueueUrlResponse>"},
		{"unknown action in XML", form("Action", "Sing"), xmlError(400, "InvalidAction", "The action Sing is not valid for this endpoint.")},
		{"no action", form("QueueName", "x"), xmlError(400, "MissingAction", "The request must contain the parameter Action.")},
		{"a look at a queue", get("/000000000000/orders"), "404 text/xml | <UnknownOperationException/>\n"},
		{"under any Accept", with(get("/000000000000/orders"), "Accept", "application/json"), "404 text/xml | <UnknownOperationException/>\n"},
		{"no form", asked{body: "Action=%zz"}, xmlError(404, "MalformedQueryString", "The query string contains a syntax error: invalid URL escape &quot;%zz&quot;.")},
		{"a semicolon is one", asked{body: "Action=SendMessage&QueueUrl=orders&MessageBody=;&DelaySeconds=901"}, xmlError(400, "InvalidParameterValue", "Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be &gt;= 0 and &lt;= 900.")},
		{"no number", form("Action", "ReceiveMessage", "QueueUrl", "orders", "MaxNumberOfMessages", "many"), xmlError(400, "MalformedInput", "Value &quot;many&quot; for parameter MaxNumberOfMessages is not an integer of 32 bits.")},

		// Query with Accept: application/json
		{"a result in Query's JSON", with(form("Action", "GetQueueUrl", "QueueName", "orders"), "Accept", "application/json"), `200 application/json | {"GetQueueUrlResponse":{"GetQueueUrlResult":{"QueueUrl":"` + base + `orders"},"ResponseMetadata":{"RequestId":"REQUEST"}}}`},
		{"a map in Query's JSON", with(form("Action", "GetQueueAttributes", "QueueUrl", "orders", "AttributeName.1", "DelaySeconds"), "Accept", "application/json"), `200 application/json | {"GetQueueAttributesResponse":{"GetQueueAttributesResult":{"Attributes":[{"Name":"DelaySeconds","Value":"0"}]},"ResponseMetadata":{"RequestId":"REQUEST"}}}`},
		{"null in Query's JSON", with(form("Action", "ReceiveMessage", "QueueUrl", "orders"), "Accept", "application/json"), `200 application/json | {"ReceiveMessageResponse":{"ReceiveMessageResult":{"messages":null},"ResponseMetadata":{"RequestId":"REQUEST"}}}`},
		{"void in Query's JSON", with(form("Action", "UntagQueue", "QueueUrl", "orders", "TagKey.1", "a"), "Accept", "application/json"), `200 application/json | {"UntagQueueResponse":{"ResponseMetadata":{"RequestId":"REQUEST"}}}`},
		{"error in Query's JSON", with(form("Action", "PurgeQueue", "QueueUrl", "missing"), "Accept", "application/json"), `400 application/json | {"Error":{"Code":"AWS.SimpleQueueService.NonExistentQueue","Message":"` + noQueueText + `","Type":"Sender","Detail":null},"RequestId":"REQUEST"}`},

		// HTTP
		{"another method", asked{method: http.MethodPut}, xmlError(405, "InvalidHttpMethod", "SQS is spoken by POST, or by GET in the Query protocol, not by PUT.")},
	} {
		got := masked(raw(t, s, c.ask))
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// TestRequestTooLarge has a clear answer, whether the length is announced or not.
func TestRequestTooLarge(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.MustCreate("orders")
	for _, announced := range []bool{true, false} {
		body := strings.NewReader(`{"QueueUrl":"orders","MessageBody":"` + strings.Repeat("x", 17<<20) + `"}`)
		r := httptest.NewRequest(http.MethodPost, "http://localhost/", body)
		r.Header.Set("X-Amz-Target", "AmazonSQS.SendMessage")
		if !announced {
			r.ContentLength = -1
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != http.StatusRequestEntityTooLarge || !strings.Contains(w.Body.String(), "longer than 16777216 bytes") {
			t.Errorf("announced %v: %d %s", announced, w.Code, w.Body)
		}
	}
}

// TestTooManyParameters are not sorted first.
func TestTooManyParameters(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&b, "&key.%d=", i)
	}
	a := raw(t, newServer(t), asked{body: "Action=ListQueues" + b.String()})
	if a.status != http.StatusBadRequest || !strings.Contains(a.body, "more than 10000 parameters") {
		t.Errorf("%s", masked(a))
	}
}

// TestLargestBatch fits, whatever the escapes cost.
func TestLargestBatch(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.MustCreate("orders")
	var b strings.Builder
	for i := range 8 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"Id":"%d","MessageBody":"%s"}`, i, strings.Repeat(`\u0009`, 1<<17))
	}
	a := raw(t, s, jsonCall("SendMessageBatch", `{"QueueUrl":"orders","Entries":[`+b.String()+`]}`))
	if a.status != http.StatusOK || strings.Contains(a.body, "Failed") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if n := s.Stats()[0].Visible; n != 8 {
		t.Errorf("%d messages arrived, want 8", n)
	}
}

// TestExplicitZero is not what the queue has by default, in either protocol.
func TestExplicitZero(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]struct{ send, receive asked }{
		"json": {
			jsonCall("SendMessage", `{"QueueUrl":"orders","MessageBody":"now","DelaySeconds":0}`),
			jsonCall("ReceiveMessage", `{"QueueUrl":"orders","VisibilityTimeout":0,"WaitTimeSeconds":0}`),
		},
		"query": {
			form("Action", "SendMessage", "QueueUrl", "orders", "MessageBody", "now", "DelaySeconds", "0"),
			form("Action", "ReceiveMessage", "QueueUrl", "orders", "VisibilityTimeout", "0", "WaitTimeSeconds", "0"),
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newServer(t)
			raw(t, s, jsonCall("CreateQueue", `{"QueueName":"orders","Attributes":{"DelaySeconds":"900","ReceiveMessageWaitTimeSeconds":"20","VisibilityTimeout":"600"}}`))
			start := time.Now()
			raw(t, s, call.receive) // empty: it does not wait
			raw(t, s, call.send)    // not delayed
			for range 2 {           // nor hidden once received
				if a := raw(t, s, call.receive); !strings.Contains(a.body, "now") {
					t.Errorf("%s: %s", name, masked(a))
				}
			}
			if d := time.Since(start); d != 0 {
				t.Errorf("%s: it took %v", name, d)
			}
		})
	}
}

// TestFormsOfAllActions finds a shape for each action that there is.
func TestFormsOfAllActions(t *testing.T) {
	t.Parallel()
	for _, action := range localqueue.Actions() {
		if a := raw(t, newServer(t), form("Action", action)); strings.Contains(a.body, "InvalidAction") {
			t.Errorf("%s: %s", action, masked(a))
		}
	}
}

// TestPublicURL begins every QueueUrl.
func TestPublicURL(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(o *localqueue.Options) { o.PublicURL = "https://queues.test/sqs/" })
	s.MustCreate("orders")
	a := raw(t, s, with(jsonCall("ListQueues", `{}`), "Host", "queues.test"))
	if want := `{"QueueUrls":["https://queues.test/sqs/000000000000/orders"]}`; a.body != want {
		t.Errorf("got %s, want %s", a.body, want)
	}
	if a := raw(t, s, with(asked{path: "/sqs/", body: "Action=ListQueues"}, "Host", "queues.test")); a.status != http.StatusOK {
		t.Errorf("its path is none of a queue: %s", masked(a))
	}
	if a := raw(t, s, jsonCall("PurgeQueue", `{"QueueUrl":"https://queues.test/sqs/000000000000/orders"}`)); a.status != http.StatusOK {
		t.Errorf("such a URL finds its queue: %d %s", a.status, a.body)
	}
}

func with(a asked, header ...string) asked {
	for i := 0; i < len(header); i += 2 {
		a.header = append(a.header, [2]string{header[i], header[i+1]})
	}
	return a
}
