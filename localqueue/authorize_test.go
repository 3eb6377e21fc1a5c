package localqueue_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/localqueue"
)

// signedBy makes the SDK's client sign with a key of its own.
func signedBy(id, secret, token string) func(*sqs.Options) {
	return func(o *sqs.Options) {
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: id, SecretAccessKey: secret, SessionToken: token}, nil
		})
	}
}

// TestCredentials lets in who signs with a key that it knows, and answers others as
// SQS does.
func TestCredentials(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(o *localqueue.Options) {
		o.Credentials = []localqueue.Credential{
			{AccessKeyID: "AKIAONE", SecretAccessKey: "one"},
			{AccessKeyID: "ASIATWO", SecretAccessKey: "two", SessionToken: "token", Account: "222222222222"},
			{AccessKeyID: "ASIAOLD", SecretAccessKey: "old", SessionToken: "token", Expires: time.Now().Add(-time.Second)},
		}
	})
	for _, c := range []struct {
		name string
		sign func(*sqs.Options)
		code string // "": let in
	}{
		{"a key", signedBy("AKIAONE", "one", ""), ""},
		{"temporary", signedBy("ASIATWO", "two", "token"), ""},
		{"unknown key", signedBy("AKIAZERO", "one", ""), "InvalidClientTokenId"},
		{"wrong secret", signedBy("AKIAONE", "two", ""), "SignatureDoesNotMatch"},
		{"no token", signedBy("ASIATWO", "two", ""), "InvalidClientTokenId"},
		{"wrong token", signedBy("ASIATWO", "two", "other"), "InvalidClientTokenId"},
		{"expired token", signedBy("ASIAOLD", "old", "token"), "ExpiredToken"},
		{"not signed", func(o *sqs.Options) { o.Credentials = aws.AnonymousCredentials{} }, "AccessDenied"},
		{"no region", func(o *sqs.Options) { o.Region = "Mars" }, "SignatureDoesNotMatch"},
	} {
		_, err := over(s, nil, c.sign).ListQueues(t.Context(), &sqs.ListQueuesInput{})
		var got smithy.APIError
		if c.code == "" && err != nil || c.code != "" && (!errors.As(err, &got) || got.ErrorCode() != c.code) {
			t.Errorf("%s: %v, want code %q", c.name, err, c.code)
		}
	}
	_, err := over(s, nil, signedBy("ASIATWO", "two", "token")).CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("orders")})
	if q := s.Stats(); err != nil || q[0].Account != "222222222222" {
		t.Errorf("a credential's queues are its account's: %v %+v", err, q)
	}
}

// TestSignedRequests are refused once anything that matters is changed, presigned
// ones too.
func TestSignedRequests(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(o *localqueue.Options) {
		o.Credentials = []localqueue.Credential{{AccessKeyID: "AKIAONE", SecretAccessKey: "one"}}
		o.AllowOrigins = []string{"http://localhost:3000"}
	})
	s.MustCreate("orders")
	key := aws.Credentials{AccessKeyID: "AKIAONE", SecretAccessKey: "one"}
	sign := func(body string) *http.Request {
		r := httptest.NewRequest(http.MethodPost, "http://localhost:9324/", strings.NewReader(body))
		r.Header.Set("X-Amz-Target", "AmazonSQS.ListQueues")
		sum := sha256.Sum256([]byte(body))
		if err := v4.NewSigner().SignHTTP(t.Context(), key, r, hex.EncodeToString(sum[:]), "sqs", "us-east-1", time.Now()); err != nil {
			t.Fatal(err)
		}
		return r
	}
	presign := func() *http.Request {
		r := httptest.NewRequest(http.MethodGet, "http://localhost:9324/000000000000/orders?Action=ListQueueTags", nil)
		u, _, err := v4.NewSigner().PresignHTTP(t.Context(), key, r, emptyHash, "sqs", "us-east-1", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return httptest.NewRequest(http.MethodGet, u, nil)
	}
	changed := func(r *http.Request, change func(*http.Request)) *http.Request {
		change(r)
		return r
	}
	for name, c := range map[string]struct {
		r    *http.Request
		want int
	}{
		"signed":             {sign("{}"), 200},
		"another body":       {changed(sign("{}"), func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("[]")) }), 403},
		"another action":     {changed(sign("{}"), func(r *http.Request) { r.Header.Set("X-Amz-Target", "AmazonSQS.PurgeQueue") }), 403},
		"presigned":          {presign(), 200},
		"another queue":      {changed(presign(), func(r *http.Request) { r.URL.Path = "/000000000000/others" }), 403},
		"as JSON":            {changed(presign(), func(r *http.Request) { r.Header.Set("X-Amz-Target", "AmazonSQS.ListQueues") }), 403},
		"of an allowed page": {changed(sign("{}"), func(r *http.Request) { r.Header.Set("Origin", "http://localhost:3000") }), 200},
		"of any page":        {changed(sign("{}"), func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }), 200},
	} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, c.r)
		if w.Code != c.want {
			t.Errorf("%s: %d %s, want %d", name, w.Code, w.Body, c.want)
		}
		allowed := name == "of an allowed page"
		if got := w.Header().Get("Access-Control-Allow-Origin"); (got != "") != allowed {
			t.Errorf("%s: Access-Control-Allow-Origin %q", name, got)
		}
	}
}

// emptyHash is the SHA-256 of nothing.
const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// TestStrangersBody is not read.
func TestStrangersBody(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(o *localqueue.Options) {
		o.Credentials = []localqueue.Credential{{AccessKeyID: "AKIAONE", SecretAccessKey: "one"}}
	})
	r := httptest.NewRequest(http.MethodPost, "http://localhost:9324/", unreadable{t})
	r.Header.Set("X-Amz-Target", "AmazonSQS.ListQueues")
	if err := v4.NewSigner().SignHTTP(t.Context(), aws.Credentials{AccessKeyID: "AKIATWO", SecretAccessKey: "two"}, r, emptyHash, "sqs", "us-east-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != http.StatusForbidden {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

type unreadable struct{ t *testing.T }

func (u unreadable) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

// TestImpossibleNamespace is refused over HTTP as it is in process.
func TestImpossibleNamespace(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(o *localqueue.Options) { o.Account = "abc" })
	if a := raw(t, s, jsonCall("CreateQueue", `{"QueueName":"orders"}`)); a.status != http.StatusBadRequest || !strings.Contains(a.body, "an account is twelve digits") {
		t.Errorf("%s", masked(a))
	}
}

// TestClockSkew allows for fifteen minutes.
func TestClockSkew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, func(o *localqueue.Options) {
			o.Credentials = []localqueue.Credential{{AccessKeyID: "AKIAONE", SecretAccessKey: "one"}}
		})
		signed := time.Now()
		for _, c := range []struct {
			after time.Duration
			want  string
		}{{15 * time.Minute, `200`}, {15*time.Minute + time.Second, `403`}} {
			r := httptest.NewRequest(http.MethodGet, "http://localhost:9324/?Action=ListQueues", nil)
			if err := v4.NewSigner().SignHTTP(t.Context(), aws.Credentials{AccessKeyID: "AKIAONE", SecretAccessKey: "one"}, r, emptyHash, "sqs", "us-east-1", signed); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Until(signed.Add(c.after)))
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if got := w.Result().Status; !strings.HasPrefix(got, c.want) {
				t.Errorf("%v after signing: %s %s, want %s", c.after, got, w.Body, c.want)
			}
		}
	})
}

// TestNamespaces of requests without credentials: by the signature's scope, a key id
// of twelve digits, the host's name, and the QueueUrl.
func TestNamespacesOverHTTP(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	create := func(opts ...func(*sqs.Options)) {
		t.Helper()
		if _, err := over(s, nil, opts...).CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("orders")}); err != nil {
			t.Fatal(err)
		}
	}
	create(func(o *sqs.Options) { o.Region = "eu-west-1" })
	create(signedBy("222222222222", "any", ""))
	create(signedBy("AKIAANY", "any", "")) // the default account
	raw(t, s, with(jsonCall("CreateQueue", `{"QueueName":"orders"}`), "Host", "sqs.ap-south-1.localhost:9324"))
	var got []string
	for _, q := range s.Stats() {
		got = append(got, q.Account+" "+q.Region)
	}
	want := "000000000000 ap-south-1, 000000000000 eu-west-1, 000000000000 us-east-1, 222222222222 us-east-1"
	if g := strings.Join(got, ", "); g != want {
		t.Errorf("queues are in %s, want %s", g, want)
	}
	a := raw(t, s, jsonCall("ListQueueTags", `{"QueueUrl":"http://localhost:9324/222222222222/orders"}`))
	if a.status != http.StatusOK {
		t.Errorf("the account in a QueueUrl: %s", masked(a))
	}
	a = raw(t, s, with(jsonCall("ListQueues", `{}`), "Authorization", "nonsense"))
	if a.status != http.StatusOK {
		t.Errorf("without credentials no signature is asked for, not even a sound one: %s", masked(a))
	}
}

// TestTraceHeader stores the one of the request, unless the message has its own.
func TestTraceHeader(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.MustCreate("orders")
	const own = `,"MessageSystemAttributes":{"AWSTraceHeader":{"DataType":"String","StringValue":"Root=own"}}`
	for body, want := range map[string]string{"": `"AWSTraceHeader":"Root=request"`, own: `"AWSTraceHeader":"Root=own"`} {
		raw(t, s, with(jsonCall("SendMessage", `{"QueueUrl":"orders","MessageBody":"hello"`+body+`}`), "X-Amzn-Trace-Id", "Root=request"))
		a := raw(t, s, jsonCall("ReceiveMessage", `{"QueueUrl":"orders","AttributeNames":["AWSTraceHeader"]}`))
		if !strings.Contains(a.body, want) {
			t.Errorf("got %s, want %s", a.body, want)
		}
	}
	batch := `{"QueueUrl":"orders","Entries":[{"Id":"0","MessageBody":"hello"},{"Id":"1","MessageBody":"hello"` + own + `}]}`
	raw(t, s, with(jsonCall("SendMessageBatch", batch), "X-Amzn-Trace-Id", "Root=request"))
	a := raw(t, s, jsonCall("ReceiveMessage", `{"QueueUrl":"orders","AttributeNames":["AWSTraceHeader"],"MaxNumberOfMessages":10}`))
	for _, want := range []string{`"Root=request"`, `"Root=own"`} {
		if strings.Count(a.body, want) != 1 {
			t.Errorf("of a batch got %s, want %s once", a.body, want)
		}
	}
	raw(t, s, jsonCall("SendMessageBatch", `{"QueueUrl":"orders","Entries":[{"Id":"0","MessageBody":"hello"}]}`))
	if a := raw(t, s, jsonCall("ReceiveMessage", `{"QueueUrl":"orders","AttributeNames":["AWSTraceHeader"]}`)); strings.Contains(a.body, "Root=") {
		t.Errorf("of a batch without a header got %s", a.body)
	}
}

// TestOnRequest is told of every request.
func TestOnRequest(t *testing.T) {
	t.Parallel()
	var got []localqueue.Request
	s := newServer(t, func(o *localqueue.Options) { o.OnRequest = func(r localqueue.Request) { got = append(got, r) } })
	a := raw(t, s, jsonCall("CreateQueue", `{"QueueName":"orders"}`))
	raw(t, s, form("Action", "SendMessage", "QueueUrl", "http://localhost/000000000000/orders", "MessageBody", "hello"))
	raw(t, s, jsonCall("PurgeQueue", `{"QueueUrl":"missing"}`))
	raw(t, s, jsonCall("Sing", `{}`))
	raw(t, s, with(jsonCall("ListQueues", `{}`), "Host", "evil.example"))
	want := []localqueue.Request{
		{Protocol: "json", Action: "CreateQueue", Account: localqueue.DefaultAccount, Region: localqueue.DefaultRegion, Queue: "orders", Status: 200},
		{Protocol: "query", Action: "SendMessage", Account: localqueue.DefaultAccount, Region: localqueue.DefaultRegion, Queue: "orders", Status: 200},
		{Protocol: "json", Action: "PurgeQueue", Account: localqueue.DefaultAccount, Region: localqueue.DefaultRegion, Queue: "missing", Status: 400, Code: "AWS.SimpleQueueService.NonExistentQueue", Text: "The specified queue does not exist."},
		{Protocol: "json", Account: localqueue.DefaultAccount, Region: localqueue.DefaultRegion, Status: 400, Code: "InvalidAction", Text: "The action Sing is not valid for this endpoint."},
		{Protocol: "json", Status: 403, Code: "AccessDenied", Text: `requests to the host name "evil.example"`},
	}
	if len(got) != len(want) {
		t.Fatalf("told of %d requests, want %d", len(got), len(want))
	}
	if id := a.header.Get("x-amzn-RequestId"); got[0].ID != id || len(id) != 36 {
		t.Errorf("request id %q, the reply's is %q", got[0].ID, id)
	}
	for i := range got {
		if got[i].Start.IsZero() || got[i].Duration < 0 {
			t.Errorf("request %d: times %v %v", i, got[i].Start, got[i].Duration)
		}
		if got[i].Status == 403 {
			got[i].Text, _, _ = strings.Cut(got[i].Text, " are refused")
		}
		got[i].ID, got[i].Start, got[i].Duration = "", time.Time{}, 0
		if got[i] != want[i] {
			t.Errorf("request %d: got %+v, want %+v", i, got[i], want[i])
		}
	}
}
