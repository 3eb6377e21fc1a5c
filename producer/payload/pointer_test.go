package payload_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/quayside-go/quayside/producer/payload"
)

// What the Amazon clients write, byte for byte.
const (
	javaPointer   = `["software.amazon.payloadoffloading.PayloadS3Pointer",{"s3BucketName":"my-bucket","s3Key":"a/0f1d"}]`
	pythonPointer = `["software.amazon.payloadoffloading.PayloadS3Pointer", {"s3BucketName": "my-bucket", "s3Key": "a/0f1d"}]`
	legacyPointer = `["com.amazon.sqs.javamessaging.MessageS3Pointer",{"s3BucketName":"my-bucket","s3Key":"a/0f1d"}]`
)

func TestPointer(t *testing.T) {
	t.Parallel()
	p := payload.Pointer{Bucket: "my-bucket", Key: "a/0f1d"}
	if got := p.String(); got != javaPointer {
		t.Errorf("String() = %s, want %s", got, javaPointer)
	}
	odd := payload.Pointer{Bucket: "<&>", Key: "\"\\é\u2028"}
	if got, err := payload.ParsePointer(odd.String()); got != odd || err != nil || strings.Contains(odd.String(), `\u003c`) {
		t.Errorf("%s is read as %v, %v", odd, got, err)
	}
	for _, body := range []string{
		javaPointer, pythonPointer, legacyPointer,
		" [ \"com.amazon.sqs.javamessaging.MessageS3Pointer\" ,\n{ \"s3Key\" : \"a/0f1d\", \"s3BucketName\":\"my-bucket\", \"more\": [1] } ] ",
	} {
		if got, err := payload.ParsePointer(body); got != p || err != nil {
			t.Errorf("ParsePointer(%s) = %+v, %v", body, got, err)
		}
	}
}

func TestParsePointerRefuses(t *testing.T) {
	t.Parallel()
	const open = `["software.amazon.payloadoffloading.PayloadS3Pointer"`
	for _, test := range []struct{ body, want string }{
		{"", "is not a pointer"},
		{"text", "is not a pointer"},
		{"null", "is not a pointer"},
		{"[]", "want an array of"},
		{`{"s3BucketName":"b","s3Key":"k"}`, "is not a pointer"},
		{open + `]`, "want an array of"},
		{open + `,{"s3BucketName":"b","s3Key":"k"},1]`, "want an array of"},
		{`["java.lang.Runtime",{"s3BucketName":"b","s3Key":"k"}]`, "want an array of"},
		{`[1,{"s3BucketName":"b","s3Key":"k"}]`, "want an array of"},
		{open + `,[]]`, "is not a pointer"},
		{open + `,null]`, "lacks s3BucketName or s3Key"},
		{open + `,{"s3BucketName":"b"}]`, "lacks"},
		{open + `,{"s3Key":"k"}]`, "lacks"},
		{open + `,{"s3BucketName":"b","s3Key":""}]`, "lacks"},
		{open + `,{"s3BucketName":"b","s3Key":7}]`, "lacks"},
		{open + `,{"s3BucketName":"b","s3Key":null}]`, "lacks"},
		{open + `,{"S3BUCKETNAME":"b","s3key":"k"}]`, "lacks"},
		{javaPointer + "[]", "is not a pointer"},
	} {
		if p, err := payload.ParsePointer(test.body); err == nil || !strings.Contains(err.Error(), test.want) || p != (payload.Pointer{}) {
			t.Errorf("ParsePointer(%s) = %+v, %v, want an error with %q", test.body, p, err, test.want)
		}
	}
}

// What is read as a pointer can be written and read again, and what is written is read.
func FuzzPointer(f *testing.F) {
	for _, s := range []string{javaPointer, pythonPointer, legacyPointer, `[1,{}]`, "\xff"} {
		f.Add(s, "bucket", s)
	}
	f.Fuzz(func(t *testing.T, body, bucket, key string) {
		if p, err := payload.ParsePointer(body); err == nil {
			if again, err := payload.ParsePointer(p.String()); again != p || err != nil {
				t.Errorf("%q is read as %+v, written as %s, and that read as %+v, %v", body, p, p, again, err)
			}
		}
		if bucket == "" || key == "" || !utf8.ValidString(bucket) || !utf8.ValidString(key) {
			return
		}
		p := payload.Pointer{Bucket: bucket, Key: key}
		if again, err := payload.ParsePointer(p.String()); again != p || err != nil {
			t.Errorf("%+v is written as %s, and that read as %+v, %v", p, p, again, err)
		}
	})
}
