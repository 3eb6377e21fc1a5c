package attr_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/quayside-go/quayside/internal/attr"
)

func TestUnsent(t *testing.T) {
	t.Parallel()
	oops := errors.New("oops")
	err := fmt.Errorf("send: %w", attr.Unsent(oops))
	if !attr.IsUnsent(err) || !errors.Is(err, oops) || err.Error() != "send: oops" {
		t.Errorf("Unsent = %q, IsUnsent %v", err, attr.IsUnsent(err))
	}
	if attr.IsUnsent(oops) || attr.IsUnsent(nil) {
		t.Error("IsUnsent of an error that was not marked")
	}
}
