package main

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/benchmarks/wire/internal/process"
)

func TestMet(t *testing.T) {
	t.Parallel()
	least, most := target{least: true, bound: 0.95}, target{bound: 2}
	for _, c := range []struct {
		target target
		ratio  float64
		want   bool
	}{
		{least, 0.95, true},
		{least, 3, true},
		{least, 0.949, false},
		{most, 2, true},
		{most, 0.1, true},
		{most, 2.01, false},
	} {
		if got := c.target.met(c.ratio); got != c.want {
			t.Errorf("%v %s: met is %v", c.ratio, c.target.bounded(), got)
		}
	}
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	r := &report{out: &out, reached: map[string]reached{}}
	r.reach("send", "24.0k/s", "20.0k/s", 1.2)
	r.reach("wake", "900.0 us", "300.0 us", 3)
	r.reach("drain", "-", "-", math.NaN())
	r.verdicts()
	verdict := map[string]string{}
	for line := range strings.Lines(out.String()) {
		for _, x := range targets {
			if rest, ok := strings.CutPrefix(strings.TrimSpace(line), x.name+" "); ok && strings.Contains(rest, x.yardstick) {
				verdict[x.key] = rest
			}
		}
	}
	for _, x := range targets {
		want := "not measured"
		switch x.key {
		case "send":
			want = "yes"
		case "wake":
			want = "NO"
		}
		if !strings.HasSuffix(strings.TrimSpace(verdict[x.key]), want) {
			t.Errorf("%s: %q, want %s", x.key, verdict[x.key], want)
		}
	}
}

func TestWritten(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{
		{count(9999), "9999"}, {count(25_349), "25.3k"}, {count(math.NaN()), "-"},
		{micros(28.24e-6), "28.2"}, {micros(0), "-"}, {millis(0.0061), "6.1 ms"},
		{megabytes(140.4e6), "140.4 MB"}, {ratio(math.Inf(1)), "-"}, {ratio(1.005), "1.00"},
	} {
		if c[0] != c[1] {
			t.Errorf("got %q, want %q", c[0], c[1])
		}
	}
}

// All requests are HTTP whose body is as long as announced, and JSON.
func TestRequests(t *testing.T) {
	t.Parallel()
	for _, sdk := range []bool{false, true} {
		s := &server{process: &process.Process{Addr: "127.0.0.1:1"}, sdk: sdk}
		q := s.newRequests("orders", []byte("http://127.0.0.1:1/0/orders"), 100)
		for action, request := range map[string][]byte{
			"SendMessage": q.send, "SendMessageBatch": q.sendBatch, "ReceiveMessage": q.receiveTen,
			"GetQueueUrl": q.ask, "DeleteQueue": q.remove,
		} {
			head, body, ok := strings.Cut(string(request), "\r\n\r\n")
			if !ok || !strings.Contains(head, "\r\nX-Amz-Target: AmazonSQS."+action+"\r\n") {
				t.Errorf("%s: head %q", action, head)
			}
			var in struct {
				QueueUrl, QueueName, MessageBody string
				Entries                          []struct{ Id, MessageBody string }
			}
			if err := json.Unmarshal([]byte(body), &in); err != nil {
				t.Errorf("%s: %v in %s", action, err, body)
			}
			if in.QueueUrl != "http://127.0.0.1:1/0/orders" && in.QueueName != "orders" {
				t.Errorf("%s names another queue: %s", action, body)
			}
			if action == "SendMessage" && len(in.MessageBody) != 100 {
				t.Errorf("a message of %d bytes", len(in.MessageBody))
			}
			if action == "SendMessageBatch" && (len(in.Entries) != 10 || len(in.Entries[9].MessageBody) != 100) {
				t.Errorf("%d entries, the last %+v", len(in.Entries), in.Entries[len(in.Entries)-1])
			}
		}
	}
}
