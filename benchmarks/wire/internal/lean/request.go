package lean

import "strconv"

// What an SDK sends beside the headers that the protocol needs. The signature is none: a server that
// checks signatures would refuse it.
const sdkHeaders = "User-Agent: aws-sdk-go-v2/1.47.7 ua/2.1 os/linux lang/go#1.26.0 md/GOOS#linux md/GOARCH#amd64 api/sqs#1.52.10 m/E\r\n" +
	"Accept-Encoding: identity\r\n" +
	"Amz-Sdk-Invocation-Id: 5b9f0f2e-6f0c-4a39-9d66-0d9a7b6f3a51\r\n" +
	"Amz-Sdk-Request: attempt=1; max=3\r\n" +
	"Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260105/us-east-1/sqs/aws4_request, " +
	"SignedHeaders=amz-sdk-invocation-id;content-length;content-type;host;x-amz-date;x-amz-target, " +
	"Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7\r\n" +
	"X-Amz-Date: 20260105T120000Z\r\n" +
	"X-Amzn-Query-Mode: true\r\n"

// Head is the part of a request that does not change from one to the next of the same action.
type Head []byte

// NewHead returns the head of requests for an action, to host (the Host header's value). With sdk, it
// has the headers that an AWS SDK adds.
func NewHead(host, action string, sdk bool) Head {
	head := "POST / HTTP/1.1\r\n" +
		"Host: " + host + "\r\n" +
		"Content-Type: application/x-amz-json-1.0\r\n" +
		"X-Amz-Target: AmazonSQS." + action + "\r\n"
	if sdk {
		head += sdkHeaders
	}
	return Head(head)
}

// Append appends the request with that body to dst.
func (h Head) Append(dst, body []byte) []byte {
	dst = append(dst, h...)
	dst = append(dst, "Content-Length: "...)
	dst = strconv.AppendInt(dst, int64(len(body)), 10)
	dst = append(dst, "\r\n\r\n"...)
	return append(dst, body...)
}
