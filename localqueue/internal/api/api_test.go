package api

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

func text(s string) Text { return Text{s, true} }

// TestMD5OfAttributes has the digests that SQS itself returned, and the worked
// example of its documentation.
func TestMD5OfAttributes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		want  string
		attrs []Attribute
	}{
		{"", nil},
		{"befa18540a897f7d022bf07057754a03", []Attribute{{Name: "test-key", Type: text("String"), String: text("test-value")}}},
		{"da1b33cc3cbfe8b1630921e78e6b9880", []Attribute{{Name: "color", Type: text("String"), String: text("blue")}}},
		{"d838729972a4b70e2d2acd9d59ac847c", []Attribute{
			{Name: "blob", Type: text("Binary"), Binary: []byte{1, 2, 3}},
			{Name: "color", Type: text("String"), String: text("blue")},
			{Name: "count", Type: text("Number"), String: text("3")}}},
		{"455c2442c2146192d9523d261d2c4ede", []Attribute{
			{Name: "city", Type: text("String"), String: text("Any City")},
			{Name: "logo", Type: text("Binary.png"), Binary: []byte{0x89, 0x50}},
			{Name: "population", Type: text("Number.int"), String: text("1250800")}}},
	} {
		if got := MD5OfAttributes(c.attrs); got != c.want {
			t.Errorf("MD5OfAttributes(%v) = %q, want %q", c.attrs, got, c.want)
		}
	}
}

func TestIsNumber(t *testing.T) {
	t.Parallel()
	digits := strings.Repeat("9", 38)
	for s, want := range map[string]bool{
		"0": true, "-0": true, "1": true, "+1": true, "-12.5": true, ".5": true, "5.": true, "1e10": true, "1E-10": true, "00012": true,
		digits: true, digits + "000": true, "0." + digits: true, "0.000" + digits: true, "1e126": true, "-1e126": true, "1e-128": true, "0.1e127": true,
		"": false, "-": false, ".": false, "e5": false, "1e": false, "1e+": false, "1.2.3": false, "0x10": false, "1_000": false, " 1": false, "NaN": false, "Inf": false,
		digits + "9": false, "1e127": false, "2e126": false, "9.9e-129": false, "1e-129": false, "1e99999999999999999999": false, "0e99999999999999999999": true, "--1": false, "-+5": false, "+-5": false, "1e-+5": false, "0e-+5": false, "1e--5": false, "１": false,
	} {
		if got := isNumber(s); got != want {
			t.Errorf("isNumber(%q) = %v, want %v", s, got, want)
		}
	}
}

func TestLegalText(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"": true, "hello\t\r\n": true, "ä€😀": true, "\ufffd": true, "\ud7ff\ue000\ufffd\U00010000\U0010ffff": true,
		"\x00": false, "\x1f": false, "a\vb": false, "\ufffe": false, "\uffff": false, "\xff": false, "\xed\xa0\x80": false, "\xc3": false,
	} {
		for pad := range 20 { // each at every place within eight bytes
			s := strings.Repeat("x", pad) + s + strings.Repeat("~ ", pad)
			if got := legalText(s); got != want {
				t.Errorf("legalText(%q) = %v, want %v", s, got, want)
			}
		}
	}
}

func TestWants(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		filter, name string
		want         bool
	}{
		{"All", "x", true}, {".*", "x", true}, {"*", "x", true}, {"x", "x", true}, {"X", "x", false},
		{"Hel.*", "Hello", true}, {"Hel.*", "Help.Me", true}, {"Hel.*", "He", false}, {"all", "x", false}, {"", "x", false},
	} {
		if got := Wants([]string{"other", c.filter}, c.name); got != c.want {
			t.Errorf("filter %q lets %q through: %v, want %v", c.filter, c.name, got, c.want)
		}
	}
}

// TestHandles sends random handles there and back, and changes every bit of some.
func TestHandles(t *testing.T) {
	t.Parallel()
	x, other := NewIdent([16]byte{1}), NewIdent([16]byte{2})
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		h := engine.Handle{Queue: rnd.Uint32(), Slot: rnd.Uint32(), Seq: rnd.Uint64(), Receive: rnd.Uint32(), At: rnd.Int64()}
		s := string(x.AppendHandle([]byte("before"), h))
		s, ok := strings.CutPrefix(s, "before")
		if !ok || len(s) != HandleLength || strings.Contains(s, "-") || !strings.HasPrefix(s, "AQEB") {
			t.Fatalf("handle %q", s)
		}
		if got, ok := x.ParseHandle(s); !ok || got != h {
			t.Fatalf("ParseHandle(%q) = %+v, %v, want %+v", s, got, ok, h)
		}
		if got, ok := other.ParseHandle(s); ok {
			t.Fatalf("another server's key read %q as %+v", s, got)
		}
		for i := range s {
			for bit := range 7 {
				b := []byte(s)
				b[i] ^= 1 << bit
				if got, ok := x.ParseHandle(string(b)); ok {
					t.Fatalf("changed handle %q was read as %+v", b, got)
				}
			}
		}
	}
}

// TestIDs checks form and difference of MessageIds and sequence numbers.
func TestIDs(t *testing.T) {
	t.Parallel()
	x := NewIdent([16]byte{1})
	seen, last := map[string]bool{}, ""
	for seq := range uint64(1000) {
		id := string(x.AppendID(nil, engine.Origin{Queue: 1 + uint32(seq%3), Seq: seq / 3}))
		if len(id) != IDLength || id[14] != '4' || !strings.ContainsRune("89ab", rune(id[19])) || seen[id] {
			t.Fatalf("MessageId %q is no UUID of version 4, or came before", id)
		}
		seen[id] = true
		n := SequenceNumber(seq)
		if len(n) != 20 || n <= last {
			t.Fatalf("sequence number %q after %q", n, last)
		}
		last = n
	}
}

func FuzzParseHandle(f *testing.F) {
	x := NewIdent([16]byte{1})
	f.Add(string(x.AppendHandle(nil, engine.Handle{Queue: 1, Seq: 2, Receive: 3})))
	f.Add("AQEB")
	f.Fuzz(func(t *testing.T, s string) {
		h, ok := x.ParseHandle(s)
		if ok && string(x.AppendHandle(nil, h)) != s {
			t.Fatalf("%q was read as %+v, which is written differently", s, h)
		}
	})
}

func FuzzContent(f *testing.F) {
	f.Add("g", "d", "Root=1", "name", "String", "value", "body")
	f.Add("", "", "", "", "Binary", "", "")
	f.Fuzz(func(t *testing.T, group, dedup, trace, name, typ, value, body string) {
		c := Content{Group: group, Dedup: dedup, Trace: trace, Body: body}
		if name != "" {
			a := Attribute{Name: name, Type: text(typ)}
			if a.isBinary() {
				a.Binary = []byte(value)
			} else {
				a.String = text(value)
			}
			c.Attributes = []Attribute{a, {Name: name + "2", Type: text("String"), String: text("x")}}
		}
		blob := string(AppendContent([]byte("before"), &c)[len("before"):])
		if got := DecodeContent(blob, true); !reflect.DeepEqual(got, c) {
			t.Fatalf("%q came back as %+v, want %+v", blob, got, c)
		}
		c.Attributes = nil
		if got := DecodeContent(blob, false); !reflect.DeepEqual(got, c) {
			t.Fatalf("%q without attributes came back as %+v, want %+v", blob, got, c)
		}
	})
}

// FuzzPrepare validates anything and encodes what passes.
func FuzzPrepare(f *testing.F) {
	f.Add("hello", "name", "Number", "1e5", []byte("b"), "g", "d", 5, true)
	f.Fuzz(func(t *testing.T, body, name, typ, value string, bin []byte, group, dedup string, delay int, fifo bool) {
		m := Send{Body: body, Delay: Num(delay), Group: text(group), Dedup: Text{dedup, fifo},
			Attributes: []Attribute{{Name: name, Type: text(typ), String: text(value), Binary: bin}}}
		p, _, err := m.Prepare(Queue{FIFO: fifo, MaxSize: 1 << 10}, false, nil)
		if err != nil {
			if !errors.As(err, new(*engine.Error)) {
				t.Fatalf("not an error of SQS: %v", err)
			}
			return
		}
		got := DecodeContent(string(p.Message.Blob), true)
		if got.Body != body || got.Group != group || len(got.Attributes) != 1 || got.Attributes[0].Name != name {
			t.Fatalf("%+v was encoded as %+v", m, got)
		}
		if m.Size() > 1<<10 || !legalText(body) {
			t.Fatalf("%+v passed", m)
		}
	})
}
