package producer_test

import (
	"strings"
	"testing"

	"github.com/quayside-go/quayside/producer"
)

// An attribute that would make a message too large is not set, and nothing is lost.
func TestSetAttributeSize(t *testing.T) {
	t.Parallel()
	const most = 1 << 20
	cost := len("name") + len("String") + len("value")
	for _, test := range []struct {
		name, typ, before string
		size              int
		want              bool
	}{
		{"fits", "", "", most - cost, true},
		{"a byte too many", "", "", most - cost + 1, false},
		{"with the type", "t", "", most - cost - len("Quayside.TypeStringt"), true},
		{"a byte too many with the type", "t", "", most - cost - len("Quayside.TypeStringt") + 1, false},
		{"in place of another", "", "VALUE", most - cost, true},
		{"in place of a shorter one", "", "v", most - cost + 1, false},
		{"too large anyway", "", "", most + 1, true},
	} {
		m := producer.Message{Body: strings.Repeat("x", test.size), Type: test.typ}
		if test.before != "" && !m.SetAttribute("name", test.before) {
			t.Fatalf("%s: no room for the first", test.name)
		}
		got := m.SetAttribute("name", "value")
		v, there := m.Attributes["name"]
		want := test.before
		if test.want {
			want = "value"
		}
		if got != test.want || there != (want != "") || there && *v.StringValue != want {
			t.Errorf("%s: SetAttribute = %t, and the attribute is %t, want %t and %q", test.name, got, there, test.want, want)
		}
	}
}
