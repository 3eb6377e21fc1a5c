package main

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/quayside-go/quayside/localqueue"
)

// announcement is what standard output says once the server serves. Every line is
// a comment or an export of one variable, so that a shell can run it.
type announcement struct {
	endpoint        string
	queues          int
	region, account string
	credentials     string // the flag
	dir             string // the flag; "": in memory
	recovered       localqueue.Recovery
}

// dummySecret is the secret to export where signatures are not looked at.
const dummySecret = "quayside"

func (a announcement) write(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# quayside %s serving SQS on %s (%s)\n", version(), a.endpoint, count(a.queues, "queue"))
	if a.dir != "" {
		fmt.Fprintf(&b, "# kept in %s: %s\n", quoted(oneLine(a.dir)), recovered(a.recovered))
	}
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
		fmt.Fprintf(&b, "# requests must be signed with a key of %s\n", oneLine(a.credentials))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// recovered says what was found in a directory.
func recovered(r localqueue.Recovery) string {
	if r.Queues == 0 && r.Messages == 0 && r.Cut == "" {
		return "nothing was there"
	}
	text := fmt.Sprintf("%s with %s were there", count(r.Queues, "queue"), count(r.Messages, "message"))
	if r.Cut != "" {
		text += "; what a crash left unfinished was cut off"
	}
	return text
}

// count is "1 queue", "2 queues".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// oneLine is text without what would end a comment of a shell.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) { // what a terminal would obey
			return unicode.ReplacementChar
		}
		return r
	}, text)
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
