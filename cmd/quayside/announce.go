package main

import (
	"fmt"
	"io"
	"strings"
)

// announcement is what standard output says once the server serves. Every line is
// a comment or an export of one variable, so that a shell can run it.
type announcement struct {
	endpoint        string
	queues          int
	region, account string
	credentials     string // the flag
}

// dummySecret is the secret to export where signatures are not looked at.
const dummySecret = "quayside"

func (a announcement) write(w io.Writer) error {
	noun := "queues"
	if a.queues == 1 {
		noun = "queue"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# quayside %s serving SQS on %s (%d %s)\n", version(), a.endpoint, a.queues, noun)
	export := func(name, value string) { fmt.Fprintf(&b, "export %s=%s\n", name, quoted(value)) }
	export("AWS_ENDPOINT_URL_SQS", a.endpoint)
	b.WriteString("# (version 1 of the AWS CLI ignores it for SQS: add --endpoint-url $AWS_ENDPOINT_URL_SQS)\n")
	export("AWS_REGION", a.region)
	export("AWS_DEFAULT_REGION", a.region)
	switch a.credentials {
	case "":
		export("AWS_ACCESS_KEY_ID", a.account) // twelve digits name an account
		export("AWS_SECRET_ACCESS_KEY", dummySecret)
	case credentialsFromEnvironment:
		b.WriteString("# requests must be signed with the key that quayside was started with\n")
	default:
		fmt.Fprintf(&b, "# requests must be signed with a key of %s\n", strings.Join(strings.Fields(a.credentials), " "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// quoted is value as a word of a shell.
func quoted(value string) string {
	plain := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-._~:/%", r)
	}
	if strings.TrimFunc(value, plain) == "" {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
