package middleware

import (
	"errors"
	"fmt"
	"testing"
)

// The package's own errors have types of their own, whatever the handler makes of them.
func TestErrorTypeOfOurs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		want string
	}{
		{ErrTimeout, "timeout"},
		{fmt.Errorf("%w: %w", ErrTimeout, errors.New("no answer")), "timeout"},
		{fmt.Errorf("ship: %w", ErrClaimLost), "claim_lost"},
		{fmt.Errorf("%w: %q", ErrKeyReused, "k"), "key_reused"},
	} {
		if got := errorType(test.err); got != test.want {
			t.Errorf("errorType(%v) = %q, want %q", test.err, got, test.want)
		}
	}
}
