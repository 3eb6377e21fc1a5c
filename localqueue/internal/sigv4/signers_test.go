package sigv4_test

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/quayside-go/quayside/localqueue/internal/sigv4"
)

func signedBy(t testing.TB, keyID, secret, region string, at time.Time) *http.Request {
	t.Helper()
	r := request(t, "POST", "http://localhost:9324/", "{}")
	sign(t, r, "{}", aws.Credentials{AccessKeyID: keyID, SecretAccessKey: secret}, region, at, false)
	return r
}

// TestKeyChanges: what is kept of a key does not outlive its secret.
func TestKeyChanges(t *testing.T) {
	t.Parallel()
	var secret atomic.Pointer[string]
	v := &sigv4.Verifier{Lookup: func(string) (sigv4.Key, bool) {
		s := secret.Load()
		if s == nil {
			return sigv4.Key{}, false
		}
		return sigv4.Key{Secret: *s}, true
	}}
	for _, now := range []string{"first", "second", "first"} {
		secret.Store(&now)
		for _, by := range []string{"first", "second"} {
			r := signedBy(t, "AKID", by, "us-east-1", vectorTime)
			err := v.Verify(r, []byte("{}"), parse(t, r), "", vectorTime)
			if ok := by == now; ok && err != nil || !ok && !isMismatch(err) {
				t.Errorf("secret is %s, signed with %s: %v", now, by, err)
			}
		}
	}
	secret.Store(nil)
	r := signedBy(t, "AKID", "first", "us-east-1", vectorTime)
	want(t, v.Verify(r, []byte("{}"), parse(t, r), "", vectorTime),
		sigv4.CodeInvalidClientTokenID, "The security token included in the request is invalid.")
}

// TestDays: a kept signer follows the date.
func TestDays(t *testing.T) {
	t.Parallel()
	v := &sigv4.Verifier{Lookup: vectorKeys}
	for _, days := range []int{0, 1, 0, 31, 365} {
		at := vectorTime.AddDate(0, 0, days)
		r := signedBy(t, "AKIDEXAMPLE", vectorSecret, "us-east-1", at)
		if err := v.Verify(r, []byte("{}"), parse(t, r), "", at); err != nil {
			t.Errorf("%d days on: %v", days, err)
		}
	}
}

// TestSignersBounded: strangers leave nothing behind, and many keys not too much.
func TestSignersBounded(t *testing.T) {
	t.Parallel()
	v := &sigv4.Verifier{Lookup: func(keyID string) (sigv4.Key, bool) { return sigv4.Key{Secret: keyID}, true }}
	for i := range 10 {
		r := signedBy(t, "AKID", "wrong", fmt.Sprintf("region-%d", i), vectorTime)
		if err := v.Verify(r, []byte("{}"), parse(t, r), "", vectorTime); !isMismatch(err) {
			t.Fatal(err)
		}
	}
	if n := v.Signers(); n != 0 {
		t.Errorf("%d signers kept of refused requests", n)
	}
	for i := range sigv4.MaxSigners + 10 {
		key := fmt.Sprintf("AKID%d", i)
		r := signedBy(t, key, key, "us-east-1", vectorTime)
		if err := v.Verify(r, []byte("{}"), parse(t, r), "", vectorTime); err != nil {
			t.Fatal(err)
		}
	}
	if n := v.Signers(); n == 0 || n > sigv4.MaxSigners {
		t.Errorf("%d signers kept, at most %d wanted", n, sigv4.MaxSigners)
	}
}

// TestConcurrent is for the race detector: keys and days change under each other.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	v := &sigv4.Verifier{Lookup: func(keyID string) (sigv4.Key, bool) { return sigv4.Key{Secret: keyID}, true }}
	var wg sync.WaitGroup
	for i := range 8 {
		key := fmt.Sprintf("AKID%d", i%3)
		at := []time.Time{vectorTime, vectorTime.AddDate(0, 0, 1)}
		signed := []*http.Request{
			signedBy(t, key, key, "us-east-1", at[0]),
			signedBy(t, key, key, "us-east-1", at[1]),
		}
		wg.Go(func() {
			for n := range 20 {
				r := signed[n%2]
				c, _, _ := sigv4.Parse(r)
				if err := v.Verify(r, []byte("{}"), c, "", at[n%2]); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
