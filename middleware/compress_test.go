package middleware_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/worker"
)

const codec = "Quayside.Codec"

// compressed calls the middleware, and returns the message and whether it was compressed.
func compressed(t *testing.T, m producer.Message, opts ...func(*middleware.CompressOptions)) (producer.Message, bool) {
	t.Helper()
	if _, err := middleware.Compress(opts...)(t.Context(), &m); err != nil {
		t.Errorf("Compress = %v", err)
	}
	v, there := m.Attributes[codec]
	if there && (*v.DataType != "String" || *v.StringValue != "gzip") {
		t.Errorf("the attribute is %s %q", *v.DataType, *v.StringValue)
	}
	return m, there
}

// random is text that gzip makes no smaller.
func random(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(' ' + rand.IntN('~'-' '))
	}
	return string(b)
}

func attributesOf(n int) map[string]types.MessageAttributeValue {
	attributes := map[string]types.MessageAttributeValue{}
	for i := range n {
		attributes[fmt.Sprint("a", i)] = text("x")
	}
	return attributes
}

func TestCompress(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("höchst ", 1000)
	minSize := func(n int) func(*middleware.CompressOptions) {
		return func(o *middleware.CompressOptions) { o.MinSize = n }
	}
	for _, test := range []struct {
		name    string
		message producer.Message
		minSize int
		want    bool
	}{
		{"long", producer.Message{Body: long}, 0, true},
		{"as long as need be", producer.Message{Body: strings.Repeat("a", 1024)}, 0, true},
		{"shorter", producer.Message{Body: strings.Repeat("a", 1023)}, 0, false},
		{"shorter, and wanted", producer.Message{Body: strings.Repeat("a", 1023)}, 1023, true},
		{"empty", producer.Message{}, -1, false},
		{"one byte", producer.Message{Body: "a"}, 1, false},
		{"no gain", producer.Message{Body: random(2000)}, 0, false},
		{"not UTF-8", producer.Message{Body: long + "\xff"}, 0, false},
		{"as large as may be", producer.Message{Body: strings.Repeat("a", middleware.DefaultMaxSize)}, 0, true},
		{"too large", producer.Message{Body: strings.Repeat("a", middleware.DefaultMaxSize+1)}, 0, false},
		{"room", producer.Message{Body: long, Attributes: attributesOf(9)}, 0, true},
		{"no room", producer.Message{Body: long, Attributes: attributesOf(10)}, 0, false},
		{"no room, with type", producer.Message{Body: long, Type: "t", Attributes: attributesOf(9)}, 0, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			before := maps.Clone(test.message.Attributes)
			m, got := compressed(t, test.message, minSize(test.minSize))
			if got != test.want {
				t.Errorf("compressed: %v, want %v", got, test.want)
			}
			if got == (m.Body == test.message.Body) {
				t.Errorf("the body changed from %.20q to %.20q", test.message.Body, m.Body)
			}
			if got && len(m.Body)+len(codec)+len("String")+len("gzip") >= len(test.message.Body) {
				t.Errorf("%d bytes were made %d", len(test.message.Body), len(m.Body))
			}
			if !got && len(m.Attributes) != len(before) {
				t.Errorf("the attributes were changed to %v", m.Attributes)
			}
			if got {
				decompresses(t, m.Body, m.Attributes, test.message.Body)
			}
		})
	}
}

// decompresses fails the test unless body decompresses to want.
func decompresses(t *testing.T, body string, attributes map[string]types.MessageAttributeValue, want string) {
	t.Helper()
	called := false
	h := middleware.Decompress()(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
		called = true
		if m.Body != want {
			t.Errorf("%.20q was decompressed to %.20q, want %.20q", body, m.Body, want)
		}
		return nil
	}))
	if err := h.Handle(t.Context(), &worker.Message{Body: body, Attributes: attributes}); err != nil || !called {
		t.Errorf("Handle = %v, called: %v", err, called)
	}
}

// Where compression begins to pay, the attribute counts.
func TestCompressPays(t *testing.T) {
	t.Parallel()
	const cost = len(codec) + len("String") + len("gzip")
	start, last := random(1024), false
	for n := range 400 {
		m := producer.Message{Body: start + strings.Repeat("a", n)}
		got, is := compressed(t, m)
		if is && len(got.Body)+cost >= len(m.Body) {
			t.Errorf("%d bytes were made %d and %d", len(m.Body), len(got.Body), cost)
		}
		last = is
	}
	if !last {
		t.Error("nothing was compressed")
	}
}

func TestCompressLeavesOthersCodec(t *testing.T) {
	t.Parallel()
	m := producer.Message{Body: strings.Repeat("a", 9999), Attributes: map[string]types.MessageAttributeValue{codec: text("gzip")}}
	if got, _ := compressed(t, m); got.Body != m.Body {
		t.Errorf("the body was changed to %q", got.Body)
	}
}

func TestCompressLevel(t *testing.T) {
	t.Parallel()
	sizes := map[int]int{}
	body := strings.Repeat("the quick brown fox jumps over "+random(9), 200)
	for level := range 10 {
		m, _ := compressed(t, producer.Message{Body: body}, func(o *middleware.CompressOptions) { o.Level = level })
		decompresses(t, m.Body, m.Attributes, body)
		sizes[level] = len(m.Body)
	}
	if sizes[0] != sizes[6] || sizes[1] <= sizes[9] {
		t.Errorf("sizes by level: %v", sizes)
	}
	for _, level := range []int{-3, -2, 10} {
		f := middleware.Compress(func(o *middleware.CompressOptions) { o.Level = level })
		if _, err := f(t.Context(), &producer.Message{Body: body}); err == nil || !strings.Contains(err.Error(), fmt.Sprint("Level is ", level)) {
			t.Errorf("Compress = %v with level %d", err, level)
		}
	}
}

// Bodies compressed at once, by writers and readers that are used again and again, do not
// mix, and the same body makes the same text.
func TestCompressConcurrently(t *testing.T) {
	t.Parallel()
	f, open := middleware.Compress(), middleware.Decompress()
	var mu sync.Mutex
	seen := map[int][]string{}
	var all sync.WaitGroup
	for i := range 400 {
		all.Go(func() {
			want := strings.Repeat(fmt.Sprint(i%40, " "), 1000+i%40)
			m := producer.Message{Body: want}
			if _, err := f(t.Context(), &m); err != nil {
				t.Errorf("Compress = %v", err)
			}
			mu.Lock()
			seen[i%40] = append(seen[i%40], m.Body)
			mu.Unlock()
			err := open(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
				if m.Body != want {
					t.Errorf("decompressed %.20q, want %.20q", m.Body, want)
				}
				return nil
			})).Handle(t.Context(), &worker.Message{Body: m.Body, Attributes: m.Attributes})
			if err != nil {
				t.Errorf("Decompress = %v", err)
			}
		})
	}
	all.Wait()
	for i, bodies := range seen {
		if len(slices.Compact(bodies)) != 1 {
			t.Errorf("body %d was compressed in several ways", i)
		}
	}
}
