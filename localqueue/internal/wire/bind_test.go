package wire_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/wire"
)

// bound is a target of each kind that Bind fills.
type bound struct {
	S *string
	N *int32
	L []string
	M map[string]string
	P string
}

func (b *bound) members() []wire.Member {
	return []wire.Member{{"S", &b.S}, {"N", &b.N}, {"L", &b.L}, {"M", &b.M}, {"P", &b.P}}
}

func (b *bound) equal(o *bound) bool {
	return samePointer(b.S, o.S) && samePointer(b.N, o.N) && b.P == o.P &&
		(b.L == nil) == (o.L == nil) && slices.Equal(b.L, o.L) && (b.M == nil) == (o.M == nil) && maps.Equal(b.M, o.M)
}

func samePointer[T comparable](a, b *T) bool {
	return a == b || a != nil && b != nil && *a == *b
}

func TestBind(t *testing.T) {
	t.Parallel()
	tests := []struct {
		doc  string
		want bound
	}{
		{``, bound{}},
		{`{}`, bound{}},
		{`{"S":null,"N":null,"L":null,"M":null,"P":null}`, bound{}},
		{`{"S":"a\n","N":-5,"L":["x",null,1,true],"M":{"k":"v","n":1.50,"b":false,"z":null},"P":7}`,
			bound{new("a\n"), new(int32(-5)), []string{"x", "1", "true"}, map[string]string{"k": "v", "n": "1.50", "b": "false"}, "7"}},
		{`{"S":"","N":0,"L":[],"M":{},"P":"","s":1,"x":[{}]}`, bound{new(""), new(int32(0)), []string{}, map[string]string{}, ""}},
		{`{"S":"a","S":"b","N":1,"N":2,"L":["a"],"L":["b"],"M":{"a":1},"M":{"b":2,"b":3},"P":"a","P":"b"}`,
			bound{new("b"), new(int32(2)), []string{"b"}, map[string]string{"b": "3"}, "b"}},
		{`{"S":"a","S":null,"N":1,"N":null,"L":["a"],"L":null,"M":{"a":1},"M":null,"P":"a","P":null}`, bound{}},
		{`{"M":{"a":1,"a":null}}`, bound{M: map[string]string{}}},
	}
	for _, tt := range tests {
		t.Run(tt.doc, func(t *testing.T) {
			t.Parallel()
			doc := []byte(tt.doc)
			got := bound{new("x"), new(int32(9)), []string{"x"}, map[string]string{"x": "x"}, "x"}
			if err := wire.Bind(doc, got.members()...); err != nil {
				t.Fatal(err)
			}
			clear(doc) // what is bound are copies
			if !got.equal(&tt.want) {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestBindRefusals(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]string{
		`{"N":"5"}`:        "STRING_VALUE can not be converted to an Integer",
		`{"N":5000000000}`: "NUMBER_VALUE can not be converted to an Integer",
		`{"S":{}}`:         "Start of structure or map found where not expected.",
		`{"L":"a"}`:        "STRING_VALUE can not be converted to a List",
		`{"L":[[]]}`:       "Start of list found where not expected",
		`{"M":[]}`:         "Start of list found where not expected",
		`{"M":{"a":{}}}`:   "Start of structure or map found where not expected.",
		`{"M":true}`:       "TRUE_VALUE can not be converted to a Structure or Map",
		`{"S":"a"`:         "The request is not valid JSON: it ends too early, after 8 bytes.",
	} {
		var b bound
		if err := wire.Bind([]byte(doc), b.members()...); err == nil || err.Error() != wire.CodeMalformedInput+": "+want {
			t.Errorf("%s: got %v, want %s", doc, err, want)
		}
	}
	if err := wire.Bind([]byte(`{}`), wire.Member{Name: "A", To: new(int)}); err == nil || code(err) == wire.CodeMalformedInput {
		t.Errorf("a member of no known kind: got %v", err)
	}
}

// TestBindTwoNames is what CreateQueue's tags need: either name, the last wins.
func TestBindTwoNames(t *testing.T) {
	t.Parallel()
	var tags map[string]string
	err := wire.Bind([]byte(`{"tags":{"a":"1"},"Tags":{"b":"2"}}`), wire.Member{Name: "tags", To: &tags}, wire.Member{Name: "Tags", To: &tags})
	if err != nil || !maps.Equal(tags, map[string]string{"b": "2"}) {
		t.Errorf("got %v, %v", tags, err)
	}
}
