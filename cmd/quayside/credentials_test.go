package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue"
)

func TestParseCredentials(t *testing.T) {
	t.Parallel()
	got, err := parseCredentials("credentials", strings.ReplaceAll(`
# a comment
[default]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key=wJalr/K7MDENG=bPxRfi+CYEXAMPLEKEY  # after a blank
region = eu-west-1

[ team ]
	AWS_ACCESS_KEY_ID = ASIA#1;2
	aws_secret_access_key = two
	aws_session_token = token
	aws_account_id = 123456789012
	aws_credential_expiration = 2030-01-02T08:34:05+05:30
s3 =
  aws_access_key_id = nested
  max_concurrent_requests = 20

[role]
role_arn = arn:aws:iam::123456789012:role/x
source_profile = default
[team again]
aws_access_key_id = ASIA#1;2
aws_secret_access_key = two
aws_session_token = token
aws_account_id = 123456789012
aws_credential_expiration = 2030-01-02T03:04:05Z
[same]
; the same key again
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalr/K7MDENG=bPxRfi+CYEXAMPLEKEY
`, "\n", "\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []localqueue.Credential{
		{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "wJalr/K7MDENG=bPxRfi+CYEXAMPLEKEY"},
		{AccessKeyID: "ASIA#1;2", SecretAccessKey: "two", SessionToken: "token", Account: "123456789012",
			Expires: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestParseCredentialsErrors(t *testing.T) {
	t.Parallel()
	const pair = "aws_access_key_id = A\naws_secret_access_key = SECRET\n"
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "c: no profile has aws_access_key_id and aws_secret_access_key"},
		{"roles alone", "[a]\nrole_arn = x\n", "c: no profile has aws_access_key_id and aws_secret_access_key"},
		{"no profile", pair, "c:1: a key above the first [profile]"},
		{"bracket", "\n[a\n" + pair, "c:2: a profile's name stands in brackets: [default]"},
		{"no equals sign", "[a]\nSECRET\n", "c:2: neither a [profile] nor a key = value"},
		{"no secret", "\n[a]\naws_access_key_id = A\n", `c:2: profile "a": aws_secret_access_key is missing`},
		{"empty secret", "[a]\naws_access_key_id = A\naws_secret_access_key =\n", `c:3: profile "a": aws_secret_access_key is missing`},
		{"no key id", "[a]\naws_secret_access_key = SECRET\n", `c:1: profile "a": aws_access_key_id is missing`},
		{"account", "[a]\n" + pair + "aws_account_id = 12\n", `c:4: profile "a": aws_account_id must be twelve digits`},
		{"expiration", "[a]\n" + pair + "aws_credential_expiration = soon\n", `c:4: profile "a": aws_credential_expiration must be a time such as 2030-12-31T23:59:59Z`},
		{"key twice", "[a]\n" + pair + "AWS_SECRET_ACCESS_KEY = SECRET\n", `c:4: profile "a" has aws_secret_access_key twice, first on line 3`},
		{"two secrets", "[a]\n" + pair + "[b]\n" + strings.Replace(pair, "SECRET", "SECRET2", 1), `c:5: profile "b": its access key id stands above with other values`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := parseCredentials("c", c.text)
			if err == nil {
				t.Fatalf("no error, but %d credentials", len(got))
			}
			if err.Error() != c.want {
				t.Errorf("got  %s\nwant %s", err, c.want)
			}
			if strings.Contains(err.Error(), "SECRET") {
				t.Errorf("a secret is told: %s", err)
			}
		})
	}
}

func TestCredentialsFromEnvironment(t *testing.T) {
	t.Parallel()
	env := map[string]string{"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t", "AWS_ACCOUNT_ID": "123456789012"}
	getenv := func(name string) string { return env[name] }
	got, err := readCredentials("env", getenv)
	want := localqueue.Credential{AccessKeyID: "A", SecretAccessKey: "s", SessionToken: "t", Account: "123456789012"}
	if err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	delete(env, "AWS_SECRET_ACCESS_KEY")
	if _, err = readCredentials("env", getenv); err == nil || err.Error() != "--credentials env: AWS_SECRET_ACCESS_KEY is missing" {
		t.Errorf("without a secret: %v", err)
	}
	if _, err = readCredentials(filepath.Join(t.TempDir(), "none"), getenv); err == nil || !strings.HasPrefix(err.Error(), "--credentials: open ") {
		t.Errorf("without a file: %v", err)
	}
}

// FuzzParseCredentials checks that no text makes the reader panic, or accept a
// credential without its two halves.
func FuzzParseCredentials(f *testing.F) {
	f.Add("[a]\naws_access_key_id = A\naws_secret_access_key = B\n")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := parseCredentials("c", text)
		if (len(all) == 0) == (err == nil) {
			t.Errorf("%d credentials, error %v", len(all), err)
		}
		for _, c := range all {
			if c.AccessKeyID == "" || c.SecretAccessKey == "" {
				t.Errorf("half a credential: %+v", c)
			}
		}
	})
}
