// Package sigv4 checks AWS Signature Version 4 on requests made to SQS, and
// refuses in AWS's own codes and words.
//
// [Parse] reads what a request claims: who signed it, when, for which Region and
// over which headers. It proves nothing, costs little, and is of use by itself: a
// server without credentials learns the key id and the Region from it. Then
// [Verifier.Verify] proves the claim, in the order in which AWS does:
//
//	clock           within 15 minutes of now, both ways
//	signed headers  host and x-amz-date are among them, and x-amz-target if there is one
//	scope           Region, service "sqs", "aws4_request", and the date of X-Amz-Date
//	key             known to Lookup
//	signature       equal to the one the SDK's signer makes, compared in constant time
//	session token   the key's own, and not expired
//
// Both forms are read: the Authorization header and, for presigned requests, the
// X-Amz-* query parameters.
//
// What differs from what one might expect:
//
//   - A presigned request is good for 15 minutes from its X-Amz-Date, as on SQS,
//     whatever X-Amz-Expires says.
//   - The payload hash is always that of the body received. X-Amz-Content-Sha256 is
//     a header like any other, so a client that signs UNSIGNED-PAYLOAD is refused.
//   - Paths are encoded twice, as every SDK does for SQS, and taken as sent: dot
//     segments and empty segments are not removed.
//   - In a query string "+" is a space, as in forms; a plus sign is "%2B".
//   - X-Amz-Date is required. A request dated by a Date header alone, which AWS
//     takes and no SDK sends, is refused, and so is a signed "Content-Length: 0".
package sigv4
