package localqueue_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/schemas"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/aws/smithy-go/transport/http/protocol/awsquery"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/localqueue/conformance"
)

// direct is an HTTP client that hands requests to a handler in this process, so
// that it works in virtual time, where sockets would hang.
type direct struct{ http.Handler }

func (d direct) Do(r *http.Request) (reply *http.Response, err error) {
	defer func() { // what an http.Server does
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			reply, err = nil, &net.OpError{Op: "read", Net: "tcp", Err: io.EOF}
		default:
			panic(p)
		}
	}()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	r = r.Clone(ctx)
	if r.Body == nil {
		r.Body = http.NoBody
	}
	if r.Host == "" {
		r.Host = r.URL.Host
	}
	r.RequestURI = r.URL.RequestURI()
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

// over is the SDK's client of s over HTTP, by the protocol given.
func over(s http.Handler, protocol smithyhttp.ClientProtocol, opts ...func(*sqs.Options)) *sqs.Client {
	return sqs.New(sqs.Options{
		Region:       localqueue.DefaultRegion,
		BaseEndpoint: aws.String("http://localhost:9324"),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: localqueue.DefaultAccount, SecretAccessKey: "secret"}, nil
		}),
		HTTPClient: direct{s},
		Retryer:    aws.NopRetryer{},
	}, append(opts, func(o *sqs.Options) {
		if protocol != nil { // New puts the default into the Options it is given
			o.Protocol = protocol
		}
	})...)
}

// query is the SDK's Query protocol, but for this: errors have the code that was
// sent, as the SDK gives it in JSON, instead of the name of their Go type.
type query struct{ *awsquery.Protocol }

func (p query) DeserializeResponse(ctx context.Context, op *smithy.OperationSchema, reg *smithy.TypeRegistry, r *smithyhttp.Response, out smithy.Deserializable) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if err = p.Protocol.DeserializeResponse(ctx, op, reg, r, out); err == nil {
		return nil
	}
	var sent struct {
		Code string `xml:"Error>Code"`
	}
	if xml.Unmarshal(body, &sent) == nil {
		if v := reflect.Indirect(reflect.ValueOf(err)).FieldByName("ErrorCodeOverride"); v.IsValid() {
			v.Set(reflect.ValueOf(&sent.Code))
		}
	}
	return err
}

func TestConformanceJSON(t *testing.T) {
	conformance.Run(t, func(t *testing.T) conformance.Client { return over(newServer(t), nil) }, onWire)
}

// TestConformanceQuery leaves the heavy cases out: through the SDK's decoder of XML
// they take a minute, and what they hold to account lies beneath the protocols.
func TestConformanceQuery(t *testing.T) {
	conformance.Run(t, func(t *testing.T) conformance.Client {
		return over(newServer(t), query{awsquery.New(schemas.AmazonSQS)})
	}, onWire, func(o *conformance.Options) { o.Query, o.Without = true, o.Without|conformance.Heavy })
}

// onWire leaves out what the SDK's client will not send and, under the race
// detector, what takes minutes through it.
func onWire(o *conformance.Options) {
	o.Without = conformance.Lax
	if raceDetector {
		o.Without |= conformance.Heavy
	}
}

func newServer(t *testing.T, opts ...func(*localqueue.Options)) *localqueue.Server {
	s := localqueue.New(opts...)
	t.Cleanup(func() { _ = s.Close() })
	return s
}
