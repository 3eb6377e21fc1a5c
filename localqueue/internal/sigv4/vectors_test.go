package sigv4_test

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/sigv4"
)

// vectors are requests as botocore 1.44.5 signs them, with SigV4Auth and with
// SigV4QueryAuth, at vectorTime. Lines end in LF here, in CRLF on the wire.
var vectors = []struct{ name, request string }{
	{"json", `POST / HTTP/1.1
Host: localhost:9324
Content-Type: application/x-amz-json-1.0
X-Amz-Target: AmazonSQS.SendMessage
X-Amzn-Query-Mode: true
User-Agent: Boto3/1.44.5 md/Botocore#1.44.5
X-Amz-Date: 20260115T123600Z
Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260115/us-east-1/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=c90a5fe901ad2ccfa424a7d3967a57cf00abcd7b0e4235dbcfa5f814fcee2a41
Content-Length: 84

{"QueueUrl":"http://localhost:9324/000000000000/orders","MessageBody":"café & tea"}`},
	{"json, temporary key, sha256 header", `POST / HTTP/1.1
Host: localhost:9324
Content-Type: application/x-amz-json-1.0
X-Amz-Target: AmazonSQS.SendMessage
X-Amzn-Query-Mode: true
User-Agent: Boto3/1.44.5 md/Botocore#1.44.5
X-Amz-Content-SHA256: a8d5bcb19ad26403aec6459067b151d69b6bced20eb389e63de2e687e3da148f
X-Amz-Date: 20260115T123600Z
X-Amz-Security-Token: IQoJb3JpZ2luX2VjEXAMPLE//token+with/slashes==
Authorization: AWS4-HMAC-SHA256 Credential=ASIDEXAMPLE/20260115/eu-central-1/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token;x-amz-target;x-amzn-query-mode, Signature=68813cedd0ba961e691e58d8fa587011ffd1d3242379d0efafd14e248065185b
Content-Length: 84

{"QueueUrl":"http://localhost:9324/000000000000/orders","MessageBody":"café & tea"}`},
	{"form at a queue path", `POST /000000000000/orders.fifo HTTP/1.1
Host: localhost:9324
Content-Type: application/x-www-form-urlencoded; charset=utf-8
User-Agent: Boto3/1.26
X-Amz-Date: 20260115T123600Z
Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260115/us-east-1/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=ee29b74a8b6bbddaa38384993ec38a7751becbf19eb5f1bb4de892d8116ec678
Content-Length: 83

Action=ReceiveMessage&Version=2012-11-05&MaxNumberOfMessages=10&AttributeName.1=All`},
	{"query string", `GET /000000000000/orders.fifo?Action=SendMessage&MessageBody=a%20b%2Bc%3Bd%20%E2%9C%93~%2A%27%28%29&Empty=&Attribute.2=b&Attribute.10=a HTTP/1.1
Host: localhost:9324
X-Amz-Date: 20260115T123600Z
Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260115/us-east-1/sqs/aws4_request, SignedHeaders=host;x-amz-date, Signature=b6bca1841df0a012c6ef3d2b030ed5d746afb4ce9a61baae227a34764a5d081b

`},
	{"path of another encoding", `GET /000000000000/a%20b%2Bc:d@e%C3%A9?Action=GetQueueUrl HTTP/1.1
Host: localhost:9324
X-Amz-Date: 20260115T123600Z
Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260115/us-east-1/sqs/aws4_request, SignedHeaders=host;x-amz-date, Signature=1a8979e87d6f2cf65fabd50f1fc2f45b6511867f786b8bfa5f2ccc4ea3856460

`},
	{"spaces and a repeated header", `POST / HTTP/1.1
Host: sqs.eu-west-1.localhost
Content-Type: application/x-amz-json-1.0
X-Amz-Target: AmazonSQS.SendMessage
X-Amzn-Query-Mode: true
User-Agent: Boto3/1.44.5 md/Botocore#1.44.5
X-Custom: one   two     three
X-Custom: four
X-Amz-Date: 20260115T123600Z
Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260115/eu-west-1/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode;x-custom, Signature=0031ded306963d3b645c6d20b8aa6c0a45acb57541eb10841cf70760ab5c387d
Content-Length: 2

{}`},
	{"user-agent and content-length signed", `POST / HTTP/1.1
Host: localhost:9324
Content-Type: application/x-amz-json-1.0
X-Amz-Target: AmazonSQS.ListQueues
Content-Length: 2
User-Agent: aws-sdk-java/1.12.700 Linux/6.1 OpenJDK_64-Bit_Server_VM
X-Amz-Date: 20260115T123600Z
Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260115/us-east-1/sqs/aws4_request, SignedHeaders=content-length;content-type;host;user-agent;x-amz-date;x-amz-target, Signature=51188a226dc74739b1e9a7b9240280dc0e739dd6d05241bae5bb4a70c94c18a1

{}`},
	{"presigned", `GET /000000000000/orders.fifo?Action=SendMessage&MessageBody=a%20b%2Bc%20%E2%9C%93&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260115%2Fus-east-1%2Fsqs%2Faws4_request&X-Amz-Date=20260115T123600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=baeb60ab7364dbda424c311710646c607daa37afc253408983a4861a77e4312c HTTP/1.1
Host: localhost:9324

`},
	{"presigned, temporary key", `GET /?Action=ListQueues&Version=2012-11-05&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ASIDEXAMPLE%2F20260115%2Feu-central-1%2Fsqs%2Faws4_request&X-Amz-Date=20260115T123600Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Security-Token=IQoJb3JpZ2luX2VjEXAMPLE%2F%2Ftoken%2Bwith%2Fslashes%3D%3D&X-Amz-Signature=27e7b13ca7c06aec14086af44e853921d7e89579f44382666fbaa8dbd98f6334 HTTP/1.1
Host: localhost:9324

`},
	{"presigned form", `POST /000000000000/orders?Action=SendMessage&MessageBody=x%3Dy%26z%20w&Version=2012-11-05&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260115%2Fus-east-1%2Fsqs%2Faws4_request&X-Amz-Date=20260115T123600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=6d1dbfe4d485b1c7f0c35ae5780485a596f02c3ab47ef589b12050c87e01e565 HTTP/1.1
Host: localhost:9324

`},
}

const vectorSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

var vectorTime = time.Date(2026, 1, 15, 12, 36, 0, 0, time.UTC)

// vectorKeys are a permanent and a temporary key, of one secret.
func vectorKeys(keyID string) (sigv4.Key, bool) {
	switch keyID {
	case "AKIDEXAMPLE":
		return sigv4.Key{Secret: vectorSecret}, true
	case "ASIDEXAMPLE":
		return sigv4.Key{
			Secret:       vectorSecret,
			SessionToken: "IQoJb3JpZ2luX2VjEXAMPLE//token+with/slashes==",
			Expires:      vectorTime.Add(time.Hour),
		}, true
	}
	return sigv4.Key{}, false
}

// read makes of a vector what a server makes of it.
func read(t testing.TB, request string) (*http.Request, []byte) {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(onWire(request))))
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r, got
}

func onWire(request string) string {
	head, body, _ := strings.Cut(request, "\n\n")
	return strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n" + body
}

func parse(t testing.TB, r *http.Request) sigv4.Claim {
	t.Helper()
	c, signed, err := sigv4.Parse(r)
	if err != nil || !signed {
		t.Fatalf("Parse: signed %v, %v", signed, err)
	}
	return c
}

func TestVectors(t *testing.T) {
	t.Parallel()
	v := &sigv4.Verifier{Lookup: vectorKeys}
	for _, vector := range vectors {
		t.Run(vector.name, func(t *testing.T) {
			t.Parallel()
			r, body := read(t, vector.request)
			c := parse(t, r)
			for range 2 { // the second time with the signer kept from the first
				if err := v.Verify(r, body, c, c.Region, vectorTime); err != nil {
					t.Fatal(err)
				}
			}
			if err := v.Verify(r, append(body, '.'), c, c.Region, vectorTime); !isMismatch(err) {
				t.Errorf("with another body: %v", err)
			}
		})
	}
}

// TestSignatureBits turns over every bit of every vector's signature.
func TestSignatureBits(t *testing.T) {
	t.Parallel()
	v := &sigv4.Verifier{Lookup: vectorKeys}
	for _, vector := range vectors {
		r, body := read(t, vector.request)
		c := parse(t, r)
		if len(c.Signature) != 64 {
			t.Fatalf("%s: signature %q", vector.name, c.Signature)
		}
		for bit := range 8 * len(c.Signature) {
			wrong, b := c, []byte(c.Signature)
			b[bit/8] ^= 1 << (bit % 8)
			wrong.Signature = string(b)
			if err := v.Verify(r, body, wrong, "", vectorTime); !isMismatch(err) {
				t.Fatalf("%s, bit %d: %v", vector.name, bit, err)
			}
		}
		for _, signature := range []string{"", c.Signature[1:], c.Signature + "0", strings.ToUpper(c.Signature)} {
			wrong := c
			wrong.Signature = signature
			if err := v.Verify(r, body, wrong, "", vectorTime); !isMismatch(err) {
				t.Fatalf("%s, signature %q: %v", vector.name, signature, err)
			}
		}
	}
}
