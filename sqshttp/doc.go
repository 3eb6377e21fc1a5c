// Package sqshttp is the HTTP client to give an SQS client of the AWS SDK for Go:
//
//	client := sqs.NewFromConfig(cfg, func(o *sqs.Options) {
//		o.HTTPClient = sqshttp.New()
//	})
//
// It keeps replies from being lost, and connections from being opened over and
// over. It needs the standard library only.
//
// # Lost replies
//
// With smithy-go up to 1.28.8, the SDK's runtime, a reply that arrives before
// net/http is done with the request kills its connection, and often itself:
//
//  1. net/http sends the Content-Length bytes of the request body, and then looks
//     whether the body has more, with WriteTo if the body has that method.
//  2. The SDK closes the request body as soon as the call of its HTTP client
//     returns, which it does with the header of the reply.
//  3. If 2 comes before 1 is through, the SDK's body answers WriteTo with io.EOF.
//     From Read that would be the end of the body; from WriteTo it is an error,
//     so net/http closes the connection. What was not yet read of the reply is
//     lost: "deserialization failed ... use of closed network connection", with
//     status 200.
//
// For ReceiveMessage that means messages which nobody has seen and which stay
// invisible for their visibility timeout; with retries on, the SDK says nothing
// and receives again. Replies that were read quickly enough survive, but the
// connection does not. It takes a fast server nearby; BenchmarkReceive counts, side
// by side, what an http.Client and a [Client] lose and how many connections they open.
//
// A [Client] shows net/http only Read and Close of a request body, so 1 ends with
// a clean io.EOF whenever the SDK closes it. A reply to a request of which the
// server has not read the whole body, as to one that is too large, still costs its
// connection, as it should.
//
// # Connections
//
// The SDK's own client keeps 10 idle connections per host. With more requests
// than that under way, pollers and senders for example, it closes and opens
// connections all the time, each with its TLS handshake. [NewTransport] keeps
// [IdleConns], and does not limit how many are in use.
//
// # What it bypasses
//
// The SDK adjusts only an HTTP client of its own type,
// [github.com/aws/aws-sdk-go-v2/aws/transport/http.BuildableClient]. With a Client
// in its place these have no effect on SQS:
//
//   - AWS_CA_BUNDLE and ca_bundle of the shared configuration. See the example of
//     [NewTransport] for a CA of your own.
//   - The connect and TLS timeouts of the SDK's defaults mode, and its read timeout.
//   - Options set on a BuildableClient elsewhere, such as WithTransportOptions,
//     WithDialerOptions and WithTimeout.
//   - The net.peer attributes of the SDK's own traces.
//
// HTTPS_PROXY, HTTP_PROXY and NO_PROXY are obeyed. Set the Client in sqs.Options,
// as above, rather than in aws.Config: other services keep the SDK's client that
// way, and config.LoadDefaultConfig refuses any HTTP client but its own if there is
// an AWS_CA_BUNDLE.
//
// # What it leaves alone
//
// A Client does not retry: that is the SDK's part, with its back-off, its limits
// and its metrics. Nor does it limit how long a call takes, beyond what
// [NewTransport] says: that is the part of the call's context.
package sqshttp
