package localqueue_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/localqueue"
)

// TestGuard is what keeps a foreign web page in this machine's browser away from the
// queues.
func TestGuard(t *testing.T) {
	t.Parallel()
	const hostFlag, originFlag = "--allow-host", "--allow-origin"
	for _, c := range []struct {
		name   string
		opts   func(*localqueue.Options)
		header [][2]string
		flag   string // that the refusal names; "": none refused
	}{
		{"loopback", nil, [][2]string{{"Host", "127.0.0.1:9324"}}, ""},
		{"IPv6", nil, [][2]string{{"Host", "[::1]:9324"}}, ""},
		{"localhost", nil, [][2]string{{"Host", "LOCALHOST"}}, ""},
		{"beneath localhost", nil, [][2]string{{"Host", "sqs.eu-west-1.localhost:9324"}}, ""},
		{"a service of a compose file", nil, [][2]string{{"Host", "queues:9324"}}, ""},
		{"the host of a container", nil, [][2]string{{"Host", "host.docker.internal:9324"}}, ""},
		{"rebound name", nil, [][2]string{{"Host", "evil.example:9324"}}, hostFlag},
		{"rebound name that looks like ours", nil, [][2]string{{"Host", "localhost.evil.example"}}, hostFlag},
		{"rebound name with a dot at its end", nil, [][2]string{{"Host", "evil.example."}}, hostFlag},
		{"a port that is none", nil, [][2]string{{"Host", "127.0.0.1:evil.example"}}, hostFlag},
		{"a page over TLS at this address", nil, [][2]string{{"Origin", "https://localhost:9324"}}, originFlag},
		{"allowed name", func(o *localqueue.Options) { o.AllowHosts = []string{"queues.test"} }, [][2]string{{"Host", "queues.test:9324"}}, ""},
		{"any name", func(o *localqueue.Options) { o.AllowHosts = []string{"*"} }, [][2]string{{"Host", "queues.test:9324"}}, ""},
		{"the public name", func(o *localqueue.Options) { o.PublicURL = "https://queues.test" }, [][2]string{{"Host", "queues.test"}}, ""},
		{"a page elsewhere", nil, [][2]string{{"Origin", "https://evil.example"}}, originFlag},
		{"a page of another local server", nil, [][2]string{{"Origin", "http://localhost:3000"}}, originFlag},
		{"a sandboxed page", nil, [][2]string{{"Origin", "null"}}, originFlag},
		{"a page of this server", nil, [][2]string{{"Origin", "http://localhost:9324"}}, ""},
		{"an image or link elsewhere", nil, [][2]string{{"Sec-Fetch-Site", "cross-site"}}, originFlag},
		{"an image or link of another port", nil, [][2]string{{"Sec-Fetch-Site", "same-site"}}, originFlag},
		{"an image elsewhere, to an address that is not loopback", nil, [][2]string{{"Host", "192.168.1.5:9324"}, {"User-Agent", "Mozilla/5.0 (X11)"}}, originFlag},
		{"curl, to such an address", nil, [][2]string{{"Host", "192.168.1.5:9324"}, {"User-Agent", "curl/8"}}, ""},
		{"typed into the address bar", nil, [][2]string{{"Sec-Fetch-Site", "none"}}, ""},
		{"allowed page", func(o *localqueue.Options) { o.AllowOrigins = []string{"http://localhost:3000"} }, [][2]string{{"Origin", "http://localhost:3000"}, {"Sec-Fetch-Site", "same-site"}}, ""},
		{"other page than the allowed one", func(o *localqueue.Options) { o.AllowOrigins = []string{"http://localhost:3000"} }, [][2]string{{"Origin", "http://localhost:3001"}}, originFlag},
		{"any page", func(o *localqueue.Options) { o.AllowOrigins = []string{"*"} }, [][2]string{{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var opts []func(*localqueue.Options)
			if c.opts != nil {
				opts = append(opts, c.opts)
			}
			s := newServer(t, opts...)
			a := asked{method: http.MethodGet, path: "/?Action=CreateQueue&QueueName=made"}
			if _, image := strings.CutPrefix(c.name, "an image"); !image {
				a = jsonCall("CreateQueue", `{"QueueName":"made"}`)
			}
			a.header = append(a.header, c.header...)
			got := raw(t, s, a)
			if made := len(s.Stats()) == 1; made != (c.flag == "") {
				t.Fatalf("the request took effect: %v; %d %s", made, got.status, got.body)
			}
			if c.flag != "" && (got.status != http.StatusForbidden || !strings.Contains(got.body, c.flag)) {
				t.Errorf("%d %s, want 403 and a text that names %s", got.status, got.body, c.flag)
			}
		})
	}
}

// TestCORS lets pages of allowed origins see replies, and no others.
func TestCORS(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(o *localqueue.Options) { o.AllowOrigins = []string{"http://localhost:3000"} })
	ask := func(origin string) answered {
		return raw(t, s, asked{method: http.MethodOptions, header: [][2]string{
			{"Origin", origin}, {"Access-Control-Request-Method", "POST"}, {"Access-Control-Request-Headers", "content-type,x-amz-target"},
		}})
	}
	a := ask("http://localhost:3000")
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": "http://localhost:3000", "Access-Control-Allow-Methods": "GET,POST",
		"Access-Control-Allow-Headers": "content-type,x-amz-target", "Access-Control-Max-Age": "172800", "Vary": "Origin",
	} {
		if got := a.header.Get(name); a.status != http.StatusOK || got != want {
			t.Errorf("preflight: %d, %s: %q, want %q", a.status, name, got, want)
		}
	}
	if a := ask("https://evil.example"); a.status != http.StatusForbidden || a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("preflight of a foreign page: %d %v", a.status, a.header)
	}
	a = raw(t, s, with(jsonCall("ListQueues", `{}`), "Origin", "http://localhost:3000"))
	if a.header.Get("Access-Control-Allow-Origin") != "http://localhost:3000" || !strings.Contains(a.header.Get("Access-Control-Expose-Headers"), "x-amzn-query-error") {
		t.Errorf("reply: %v", a.header)
	}
}
