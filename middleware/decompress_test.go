package middleware_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

// zip returns s as a gzip stream.
func zip(s string) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	_, _ = z.Write([]byte(s))
	_ = z.Close()
	return b.Bytes()
}

func base(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// coded returns a message whose codec is named.
func coded(name, body string) *worker.Message {
	return &worker.Message{Body: body, Attributes: map[string]types.MessageAttributeValue{codec: text(name), "other": text("x")}}
}

func maxSize(n int) func(*middleware.DecompressOptions) {
	return func(o *middleware.DecompressOptions) { o.MaxSize = n }
}

// What other languages write is read: here Python's base64.b64encode(gzip.compress(...)),
// and encodebytes, which makes lines.
func TestDecompressPython(t *testing.T) {
	t.Parallel()
	want := strings.Repeat("héllo ", 20)
	for _, body := range []string{
		"H4sIAAAAAAACA8s4vDInJ18hYzBQALn1y7yMAAAA",
		"H4sIAAAAAAACA8s4vDInJ18hYzBQALn1y7yMAAAA\n",
	} {
		decompresses(t, body, coded("gzip", "").Attributes, want)
	}
}

func TestDecompress(t *testing.T) {
	t.Parallel()
	m := coded("gzip", base(zip("hello")))
	before := m.Attributes
	err := middleware.Decompress()(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
		if _, there := m.Attributes[codec]; m.Body != "hello" || there || len(m.Attributes) != 1 {
			t.Errorf("body %q, attributes %v; want hello and the other", m.Body, m.Attributes)
		}
		return nil
	})).Handle(t.Context(), m)
	if err != nil {
		t.Errorf("Handle = %v", err)
	}
	restored(t, m, base(zip("hello")), "", before)
	if len(before) != 2 {
		t.Errorf("the map was changed to %v", before)
	}
}

func TestDecompressLetsOthersThrough(t *testing.T) {
	t.Parallel()
	m := &worker.Message{Body: base(zip("hello"))}
	called := false
	err := middleware.Decompress()(worker.HandlerFunc(func(_ context.Context, got *worker.Message) error {
		called = got == m && m.Body == base(zip("hello"))
		return nil
	})).Handle(t.Context(), m)
	if err != nil || !called {
		t.Errorf("Handle = %v, called with the message: %v", err, called)
	}
}

func TestDecompressRefuses(t *testing.T) {
	t.Parallel()
	whole := zip("hello hello hello")
	flip := func(i int) []byte {
		b := bytes.Clone(whole)
		b[i] ^= 1
		return b
	}
	number := coded("", base(whole))
	number.Attributes[codec] = types.MessageAttributeValue{DataType: new("Binary"), BinaryValue: []byte("gzip")}
	for _, test := range []struct {
		name string
		m    *worker.Message
		want string
	}{
		{"codec", coded("zstd", "x"), `decompress: the attribute Quayside.Codec names the codec "zstd", want "gzip"`},
		{"no codec", coded("", base(whole)), `names the codec ""`},
		{"no String", number, "is not a String"},
		{"empty", coded("gzip", ""), "unexpected EOF"},
		{"text", coded("gzip", `{"id":42}`), "illegal base64"},
		{"no gzip", coded("gzip", base([]byte("hello there, gzip"))), "gzip: invalid header"},
		{"header", coded("gzip", base(flip(0))), "gzip: invalid header"},
		{"data", coded("gzip", base(flip(14))), "the body: "},
		{"checksum", coded("gzip", base(flip(len(whole)-8))), "gzip: invalid checksum"},
		{"length", coded("gzip", base(flip(len(whole)-4))), "gzip: invalid checksum"},
		{"cut", coded("gzip", base(whole[:len(whole)-1])), "unexpected EOF"},
		{"header only", coded("gzip", base(whole[:10])), "unexpected EOF"},
		{"trailing", coded("gzip", base(append(bytes.Clone(whole), 0))), "1 bytes behind the gzip stream"},
		{"two streams", coded("gzip", base(append(bytes.Clone(whole), whole...))), "bytes behind the gzip stream"},
		{"trailing text", coded("gzip", base(whole)+"=x"), "illegal base64"},
		{"not UTF-8", coded("gzip", base(zip("a\xff"))), "not UTF-8"},
		{"too large", coded("gzip", base(zip(strings.Repeat("a", 101)))), "larger than MaxSize, 100 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			body, attributes := test.m.Body, test.m.Attributes
			err := middleware.Decompress(maxSize(100))(noCall(t)).Handle(t.Context(), test.m)
			if err == nil || !strings.Contains(err.Error(), test.want) || worker.OutcomeOf(t.Context(), err) != worker.DeadLettered {
				t.Errorf("Handle = %v, want a DeadLetter with %q", err, test.want)
			}
			restored(t, test.m, body, "", attributes)
		})
	}
}

func TestDecompressMaxSize(t *testing.T) {
	t.Parallel()
	ok := worker.HandlerFunc(func(context.Context, *worker.Message) error { return nil })
	for _, test := range []struct {
		size, max int
		want      bool
	}{
		{100, 100, true}, {101, 100, false}, {middleware.DefaultMaxSize, 0, true}, {middleware.DefaultMaxSize + 1, 0, false},
		{100, math.MaxInt, true}, {0, 1, true},
	} {
		m := coded("gzip", base(zip(strings.Repeat("a", test.size))))
		if err := middleware.Decompress(maxSize(test.max))(ok).Handle(t.Context(), m); (err == nil) != test.want {
			t.Errorf("Handle = %v for %d bytes with MaxSize %d", err, test.size, test.max)
		}
	}
}

// A bomb costs no more memory than MaxSize allows, however large it would be.
func TestDecompressBomb(t *testing.T) {
	m := coded("gzip", base(zip(strings.Repeat("\x00", 24<<20))))
	h := middleware.Decompress(maxSize(256 << 10))(noCall(t))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := h.Handle(t.Context(), m)
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), "larger than MaxSize") {
		t.Errorf("Handle = %v", err)
	}
	// All that was allocated, whether or not it was freed again.
	if n := after.TotalAlloc - before.TotalAlloc; n > 4<<20 {
		t.Errorf("%d bytes were allocated", n)
	}
}

func TestDecompressRestores(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, f := range []func(){func() {}, func() { panic(broken) }} {
		m := coded("gzip", base(zip("hello")))
		body, attributes := m.Body, m.Attributes
		h := middleware.Decompress()(worker.HandlerFunc(func(context.Context, *worker.Message) error {
			f()
			return broken
		}))
		if panicked, err := handled(t.Context(), h, m); err != broken && panicked != broken {
			t.Errorf("Handle = %v, panic %v", err, panicked)
		}
		restored(t, m, body, "", attributes)
	}
}

// From a producer to a worker, over a queue and over a topic.
func TestCompressedDelivery(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newDock(t, "orders")
		want := strings.Repeat("compressible ", 200_000) // more than SQS takes
		p := producer.New(q, "orders", func(o *producer.Options) { o.Middleware = []producer.Middleware{middleware.Compress()} })
		if _, err := p.Send(t.Context(), producer.Message{Body: want, Type: "text"}); err != nil {
			t.Errorf("Send = %v", err)
		}
		if _, err := p.Send(t.Context(), producer.Message{Body: "short", Type: "text"}); err != nil {
			t.Errorf("Send = %v", err)
		}
		_ = p.Close(t.Context())
		m, _ := compressed(t, producer.Message{Body: want})
		q.send("orders", enveloped(m.Body, codec, "gzip"), nil)
		var longs, shorts atomic.Int32
		h := worker.Chain(middleware.SNS(raw), middleware.Decompress())(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
			switch m.Body {
			case want:
				longs.Add(1)
			case "short":
				shorts.Add(1)
			default:
				t.Errorf("body %.20q", m.Body)
			}
			return nil
		}))
		stop := q.work("orders", h)
		pass(time.Minute)
		stop()
		if longs.Load() != 2 || shorts.Load() != 1 {
			t.Errorf("%d long bodies and %d short ones, want 2 and 1", longs.Load(), shorts.Load())
		}
		q.empty("orders")
	})
}

// enveloped returns what SNS makes of a message with one attribute.
func enveloped(body, name, value string) string {
	attributes := map[string]any{name: map[string]string{"Type": "String", "Value": value}}
	text, _ := json.Marshal(map[string]any{
		"Type": "Notification", "MessageId": "1", "TopicArn": topic, "Timestamp": "2021-02-16T21:41:19.978Z",
		"Message": body, "MessageAttributes": attributes,
	})
	return string(text)
}

func FuzzDecompress(f *testing.F) {
	f.Add("gzip", base(zip("hello")), 10)
	f.Add("gzip", base(zip(strings.Repeat("a", 1000))), 999)
	f.Add("gzip", base(append(zip("a"), zip("b")...)), 10)
	f.Add("zstd", "", 0)
	f.Fuzz(func(t *testing.T, name, body string, most int) {
		most = min(most, 1<<20)
		m := coded(name, body)
		attributes := m.Attributes
		called := false
		err := middleware.Decompress(maxSize(most))(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
			called = true
			packed, err := base64.StdEncoding.DecodeString(body)
			if err != nil {
				t.Errorf("%q was decoded, which is not base64: %v", body, err)
				return nil
			}
			z, err := gzip.NewReader(bytes.NewReader(packed))
			if err != nil {
				t.Errorf("%q was decompressed: %v", body, err)
				return nil
			}
			want, err := io.ReadAll(z)
			if err != nil || string(want) != m.Body || most > 0 && len(want) > most || name != "gzip" {
				t.Errorf("%q was decompressed to %q, want %q, %v", body, m.Body, want, err)
			}
			return nil
		})).Handle(t.Context(), m)
		if called != (err == nil) || err != nil && worker.OutcomeOf(t.Context(), err) != worker.DeadLettered {
			t.Errorf("Handle = %v, called: %v", err, called)
		}
		restored(t, m, body, "", attributes)
	})
}
