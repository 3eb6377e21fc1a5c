package payload

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Attribute and LegacyAttribute are the message attributes by which a reader knows that
// the body of a message is a pointer: Numbers, the size of the real body in bytes. The
// Java client writes the second unless told otherwise, the Python client the first;
// whoever reads has to take both.
const (
	Attribute       = "ExtendedPayloadSize"
	LegacyAttribute = "SQSLargePayloadSize"
)

const (
	class       = "software.amazon.payloadoffloading.PayloadS3Pointer"
	legacyClass = "com.amazon.sqs.javamessaging.MessageS3Pointer"
)

// Pointer says where the body of a message is.
type Pointer struct {
	Bucket string `json:"s3BucketName"`
	Key    string `json:"s3Key"`
}

// String returns p as the body of a message, byte for byte as the Java client writes it.
func (p Pointer) String() string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode([]any{class, p}) // strings can be encoded
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

// ParsePointer reads the body of a message: with spaces or without, with the class name
// of today or that of the first Java clients.
func ParsePointer(body string) (Pointer, error) {
	var parts []json.RawMessage
	if err := json.Unmarshal([]byte(body), &parts); err != nil {
		return Pointer{}, fmt.Errorf("payload: the body is not a pointer: %w", err)
	}
	var name string
	if len(parts) != 2 || json.Unmarshal(parts[0], &name) != nil || name != class && name != legacyClass {
		return Pointer{}, fmt.Errorf("payload: the body is not a pointer: want an array of %q and an object", class)
	}
	// A map, because names of struct fields would match in lower case as well.
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(parts[1], &fields); err != nil {
		return Pointer{}, fmt.Errorf("payload: the body is not a pointer: %w", err)
	}
	var p Pointer
	if json.Unmarshal(fields["s3BucketName"], &p.Bucket) != nil || json.Unmarshal(fields["s3Key"], &p.Key) != nil ||
		p.Bucket == "" || p.Key == "" {
		return Pointer{}, errors.New("payload: the pointer lacks s3BucketName or s3Key")
	}
	return p, nil
}
