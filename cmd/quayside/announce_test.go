package main

import (
	"bytes"
	"log/slog"
	"net"
	"strings"
	"testing"
)

// cliNote follows the export of the endpoint.
const cliNote = "# (version 1 of the AWS CLI ignores it for SQS: add --endpoint-url $AWS_ENDPOINT_URL_SQS)\n"

func TestAnnouncement(t *testing.T) {
	t.Parallel()
	a := announcement{endpoint: "http://127.0.0.1:9324", queues: 1, region: "eu-west-1", account: "123456789012"}
	head := "# quayside " + version() + " serving SQS on http://127.0.0.1:9324 (1 queue)\n" +
		"export AWS_ENDPOINT_URL_SQS=http://127.0.0.1:9324\n" + cliNote + "export AWS_REGION=eu-west-1\nexport AWS_DEFAULT_REGION=eu-west-1\n"
	for credentials, tail := range map[string]string{
		"":     "export AWS_ACCESS_KEY_ID=123456789012\nexport AWS_SECRET_ACCESS_KEY=quayside\n",
		"env":  "# requests must be signed with the key that quayside was started with\n",
		"a\nb": "# requests must be signed with a key of a b\n",
	} {
		a.credentials = credentials
		var b bytes.Buffer
		if err := a.write(&b); err != nil {
			t.Fatal(err)
		}
		if b.String() != head+tail {
			t.Errorf("got:\n%swant:\n%s", &b, head+tail)
		}
	}
}

func TestQuoted(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"http://[::1]:9324":     "'http://[::1]:9324'",
		"https://q.test:1/a_b~": "https://q.test:1/a_b~",
		"http://x/$(rm -r .)":   "'http://x/$(rm -r .)'",
		"it's":                  `'it'\''s'`,
	} {
		if got := quoted(value); got != want {
			t.Errorf("%s is quoted as %s, want %s", value, got, want)
		}
	}
}

// listener is one that knows its address and nothing else.
type listener struct {
	net.Listener
	addr net.Addr
}

func (l listener) Addr() net.Addr { return l.addr }

func TestEndpoint(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		flag, ip string
		secure   bool
		want     string
		loopback bool
	}{
		{"127.0.0.1:9324", "127.0.0.1", false, "http://127.0.0.1:9324", true},
		{"127.0.0.1:0", "127.0.0.1", false, "http://127.0.0.1:9324", true},
		{"localhost:0", "127.0.0.1", true, "https://localhost:9324", true},
		{"[::1]:9324", "::1", false, "http://[::1]:9324", true},
		{":9324", "::", false, "http://127.0.0.1:9324", false},
		{"0.0.0.0:9324", "0.0.0.0", false, "http://127.0.0.1:9324", false},
		{"192.0.2.1:9324", "192.0.2.1", false, "http://192.0.2.1:9324", false},
		{"queues.test:9324", "192.0.2.1", true, "https://queues.test:9324", false},
	} {
		l := listener{addr: &net.TCPAddr{IP: net.ParseIP(c.ip), Port: 9324}}
		if got := endpoint(c.flag, l, c.secure); got != c.want {
			t.Errorf("--addr %s: %s, want %s", c.flag, got, c.want)
		}
		var log bytes.Buffer
		for _, credentials := range []string{"", "env"} {
			log.Reset()
			announce(serveFlags{addr: c.flag, credentials: credentials}, l, newEngine(t), new(bytes.Buffer), slog.New(slog.NewTextHandler(&log, nil)))
			warned := strings.Contains(log.String(), "level=WARN")
			if want := !c.loopback && credentials == ""; warned != want {
				t.Errorf("--addr %s --credentials %q: warned %t, want %t: %s", c.flag, credentials, warned, want, &log)
			}
			if warned && !strings.Contains(log.String(), "--credentials") {
				t.Errorf("the warning names no remedy: %s", &log)
			}
		}
	}
}
