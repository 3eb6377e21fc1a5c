package main

import (
	"bytes"
	"net"
	"path/filepath"
	"strings"
	"testing"
)

// TestErrors has command lines that do not get as far as serving: each is
// answered by one line and an exit status.
func TestErrors(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() }) // after the parallel cases
	addr := taken.Addr().String()
	queues := write(t, "queues.yaml", "queues:\n  - name: a\n    attributes: { DelaySeconds: 901 }\n")
	credentials := write(t, "credentials", "[a]\naws_access_key_id = A\n")
	none := filepath.Join(t.TempDir(), "none")
	for _, c := range []struct {
		name, args string
		status     int
		want       string
	}{
		{"port taken", "serve --addr " + addr, exitFailure,
			"listen on " + addr + ": the address is in use; stop who uses it, or choose another --addr"},
		{"address of another machine", "serve --addr 192.0.2.1:0", exitFailure, "listen on 192.0.2.1:0: "},
		{"value in the queues file", "serve --queues " + queues, exitFailure,
			queues + `:3: queue "a": Invalid value for the parameter DelaySeconds. (InvalidAttributeValue)`},
		{"no queues file", "serve --queues " + none, exitFailure, "--queues: open " + none + ": "},
		{"bad name", "serve --addr 127.0.0.1:0 --queue a/b", exitFailure,
			`--queue "a/b": Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length (InvalidParameterValue)`},
		{"credentials file", "serve --credentials " + credentials, exitFailure, credentials + `:1: profile "a": aws_secret_access_key is missing`},
		{"no certificate", "serve --tls-cert " + none + " --tls-key " + none, exitFailure, "--tls-cert " + none + ", --tls-key " + none + ": open " + none + ": "},

		{"directory that is a file", "serve --addr 127.0.0.1:0 --dir " + queues, exitFailure, "--dir " + queues + ": "},
		{"inspect nothing", "inspect " + none, exitFailure, "inspect " + none + ": no such file or directory"},
		{"verify a file", "verify " + queues, exitFailure, "verify " + queues + ": not a directory"},
		{"verify another directory", "verify " + filepath.Dir(queues), exitFailure, "verify " + filepath.Dir(queues) + ": there are no queues in this directory"},

		{"unknown command", "sevre", exitUsage, `unknown command "sevre" for "quayside"`},
		{"unknown flag", "serve --port 1", exitUsage, "unknown flag: --port"},
		{"arguments", "serve orders", exitUsage, `unknown command "orders" for "quayside serve"`},
		{"address", "serve --addr 9324", exitUsage, `--addr "9324": want host:port, such as 127.0.0.1:9324 or :9324`},
		{"level", "serve --log-level loud", exitUsage, `--log-level "loud": want error, warn, info or debug`},
		{"key without certificate", "serve --tls-key x", exitUsage, "--tls-cert and --tls-key need each other"},
		{"public URL", "serve --public-url queues.test:9324", exitUsage, `--public-url "queues.test:9324": want http://host:port or https://host:port`},
		{"public port", "serve --public-url http://queues.test:99999", exitUsage, `--public-url "http://queues.test:99999": want http://host:port or https://host:port`},
		{"allowed host", "serve --allow-host http://x", exitUsage, `--allow-host "http://x": want a host name, such as queues.test, or *`},
		{"allowed origin", "serve --allow-origin http://x/", exitUsage, `--allow-origin "http://x/": want scheme://host:port as browsers send it, such as http://localhost:3000, or *`},
		{"sync in memory", "serve --sync never", exitUsage, "--sync needs --dir: in memory there is nothing to sync"},
		{"synced receives in memory", "serve --sync-receives", exitUsage, "--sync-receives needs --dir: in memory there is nothing to sync"},
		{"no directory", "serve --dir=", exitUsage, "--dir is empty: want a directory, or leave it out to keep the queues in memory"},
		{"sync at times", "serve --dir x --sync sometimes", exitUsage, `--sync "sometimes": want always, never, or a duration such as 100ms`},
		{"sync at once", "serve --dir x --sync 0s", exitUsage, `--sync "0s": want always, never, or a duration such as 100ms`},
		{"synced receives, nothing else", "serve --dir x --sync 1s --sync-receives", exitUsage, "--sync-receives needs --sync always: with --sync 1s no reply waits for the disk"},
		{"inspect what", "inspect", exitUsage, "inspect: want one directory"},
		{"verify two", "verify a b", exitUsage, "verify: want one directory"},
		{"account", "serve --account 12", exitUsage, `--region, --account: no queues can be in region "us-east-1" of account "12": `},
		{"region", "serve --region Mars", exitUsage, `--region, --account: no queues can be in region "Mars" of account "000000000000": `},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			status := run(t.Context(), strings.Fields(c.args), &stdout, &stderr)
			if status != c.status {
				t.Errorf("exit status %d, want %d", status, c.status)
			}
			if stdout.Len() > 0 {
				t.Errorf("standard output: %s", &stdout)
			}
			first, rest, _ := strings.Cut(stderr.String(), "\n")
			if !strings.HasPrefix(first, "quayside: "+c.want) {
				t.Errorf("got  %s\nwant quayside: %s", first, c.want)
			}
			if rest != "" && c.status == exitFailure {
				t.Errorf("more than a line: %s", rest)
			}
		})
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	if status := run(t.Context(), []string{"version"}, &stdout, &stderr); status != exitOK || !strings.HasPrefix(stdout.String(), "quayside "+version()+" go1.") {
		t.Errorf("exit status %d: %s%s", status, &stdout, &stderr)
	}
}
