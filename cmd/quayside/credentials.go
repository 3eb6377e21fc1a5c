package main

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/quayside-go/quayside/localqueue"
)

// credentialsFromEnvironment is the FILE of --credentials that stands for the
// environment's variables.
const credentialsFromEnvironment = "env"

// The keys of a profile that are read. Others, which real credentials files have
// as well, are not looked at. In the environment they are spelled in capitals.
const (
	keyID        = "aws_access_key_id"
	keySecret    = "aws_secret_access_key"
	keyToken     = "aws_session_token"
	keyAccount   = "aws_account_id"
	keyExpiresAt = "aws_credential_expiration"
)

// readCredentials reads a file in the form of AWS's shared credentials file, or
// the environment. Errors never repeat a secret.
func readCredentials(from string, getenv func(string) string) ([]localqueue.Credential, error) {
	if from == credentialsFromEnvironment {
		p := &profile{values: make(map[string]string), lines: make(map[string]int)}
		for _, key := range []string{keyID, keySecret, keyToken, keyAccount, keyExpiresAt} {
			p.values[key] = getenv(strings.ToUpper(key))
		}
		c, key, why := p.credential()
		if why != "" {
			return nil, fmt.Errorf("--credentials env: %s %s", strings.ToUpper(key), why)
		}
		return []localqueue.Credential{c}, nil
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return nil, fmt.Errorf("--credentials: %w", err)
	}
	return parseCredentials(from, string(text))
}

// parseCredentials reads the profiles of a credentials file that have keys; there
// must be one. A key in two profiles must be the same in both.
func parseCredentials(path, text string) ([]localqueue.Credential, error) {
	profiles, err := parseProfiles(path, text)
	if err != nil {
		return nil, err
	}
	var all []localqueue.Credential
	seen := make(map[string]localqueue.Credential)
	for _, p := range profiles {
		if !p.hasKeys() {
			continue // of a role, or of a program that prints keys
		}
		c, key, why := p.credential()
		if why != "" {
			return nil, fmt.Errorf("%s:%d: profile %q: %s %s", path, cmp.Or(p.lines[key], p.line), p.name, key, why)
		}
		before, twice := seen[c.AccessKeyID]
		if twice && before != c {
			return nil, fmt.Errorf("%s:%d: profile %q: its access key id stands above with other values", path, p.lines[keyID], p.name)
		}
		if !twice {
			all = append(all, c)
		}
		seen[c.AccessKeyID] = c
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: no profile has %s and %s", path, keyID, keySecret)
	}
	return all, nil
}

func (p *profile) hasKeys() bool { return p.lines[keyID] != 0 || p.lines[keySecret] != 0 }

// credential is what the profile says, or which key is wrong and why.
func (p *profile) credential() (c localqueue.Credential, key, why string) {
	c = localqueue.Credential{
		AccessKeyID: p.values[keyID], SecretAccessKey: p.values[keySecret],
		SessionToken: p.values[keyToken], Account: p.values[keyAccount],
	}
	for _, key := range []string{keyID, keySecret} {
		if p.values[key] == "" {
			return c, key, "is missing"
		}
	}
	if c.Account != "" && (len(c.Account) != 12 || strings.Trim(c.Account, "0123456789") != "") {
		return c, keyAccount, "must be twelve digits"
	}
	if text := p.values[keyExpiresAt]; text != "" {
		var err error
		if c.Expires, err = time.Parse(time.RFC3339, text); err != nil {
			return c, keyExpiresAt, "must be a time such as 2030-12-31T23:59:59Z"
		}
		c.Expires = c.Expires.UTC() // so that equal ones are ==
	}
	return c, "", ""
}
