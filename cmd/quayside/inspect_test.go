package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
)

// kept makes a directory with three messages in one queue, the first of them in flight,
// and returns it.
func kept(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	q, err := localqueue.Open(dir, func(o *localqueue.Options) { o.SegmentSize = 2 << 20 })
	if err != nil {
		t.Fatal(err)
	}
	q.MustCreate("orders -> orders-dlq")
	for _, body := range []string{"needle-1", "needle-2", "needle-3"} {
		if _, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String("orders"), MessageBody: &body}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := q.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: aws.String("orders")}); err != nil {
		t.Fatal(err)
	}
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// spoil changes a byte of a message, and returns the file and its offset.
func spoil(t *testing.T, dir, body string) (file string, at int) {
	t.Helper()
	file = "00000001.log"
	b, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	if at = bytes.Index(b, []byte(body)); at < 0 {
		t.Fatalf("%s is not in %s", body, file)
	}
	f, err := os.OpenFile(filepath.Join(dir, file), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt([]byte{b[at] ^ 1}, int64(at)) // a server may have it
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return file, at
}

func TestInspect(t *testing.T) {
	t.Parallel()
	dir := kept(t)
	before := files(t, dir)
	for _, command := range []string{"inspect", "verify"} {
		var stdout, stderr bytes.Buffer
		if status := run(t.Context(), []string{command, dir}, &stdout, &stderr); status != exitOK || stderr.Len() > 0 {
			t.Errorf("%s: exit status %d: %s", command, status, &stderr)
		}
		for _, line := range []string{
			dir + ": 2 queues, 3 messages, ",
			"\nQUEUE       VISIBLE  IN FLIGHT  DELAYED  OLDEST  ACCOUNT       REGION\n",
			"\norders      2        1          0        ",
			"\norders-dlq  0        0          0        -       000000000000  us-east-1\n",
			"\nSEGMENT       BYTES  LIVE  STATE\n00000001.log  ",
			"%   written to\n\nthe log ends as it should\n",
		} {
			if !strings.Contains(stdout.String(), line) {
				t.Errorf("%s lacks %q:\n%s", command, line, &stdout)
			}
		}

		stdout.Reset()
		if status := run(t.Context(), []string{command, "--json", dir}, &stdout, &stderr); status != exitOK || stderr.Len() > 0 {
			t.Errorf("%s --json: exit status %d: %s", command, status, &stderr)
		}
		var got report
		if err := json.Unmarshal(stdout.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if got.Messages != 3 || len(got.Queues) != 2 || got.Queues[0].Visible != 2 || got.Queues[0].InFlight != 1 ||
			len(got.Segments) != 1 || got.Segments[0].File != "00000001.log" || got.Segments[0].Live > got.Segments[0].Bytes || got.Damage != nil {
			t.Errorf("%s --json: %+v", command, got)
		}
	}
	if after := files(t, dir); after != before {
		t.Errorf("the directory had\n%s\nand has\n%s", before, after)
	}
}

// files is what a directory holds, but for the file that is locked.
func files(t *testing.T, dir string) string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, f := range list {
		if f.Name() == "lock" {
			continue
		}
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&b, f.Name(), info.Size(), info.ModTime())
	}
	return b.String()
}

// TestDamage has a message that is not what was written: a server refuses the directory,
// both commands say where it is and end with status 1.
func TestDamage(t *testing.T) {
	t.Parallel()
	dir := kept(t)
	file, at := spoil(t, dir, "needle-2")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"serve", "--addr", "127.0.0.1:0", "--dir", dir}, "quayside: --dir " + dir + ": damaged: " + file + " at byte "},
		{[]string{"inspect", dir}, "quayside: inspect " + dir + ": damaged: " + file + " at byte "},
		{[]string{"verify", dir}, "quayside: verify " + dir + ": damaged: " + file + " at byte "},
		{[]string{"verify", "--json", dir}, "quayside: verify " + dir + ": damaged: " + file + " at byte "},
	} {
		var stdout, stderr bytes.Buffer
		status := run(t.Context(), c.args, &stdout, &stderr)
		last := stderr.String()
		if status != exitFailure || !strings.HasPrefix(last, c.want) || strings.Count(last, "\n") != 1 {
			t.Errorf("%q: exit status %d:\n%swant %s", c.args, status, last, c.want)
		}
		switch {
		case c.args[0] == "serve":
			if stdout.Len() > 0 || !strings.Contains(last, "`quayside verify "+dir+"`") {
				t.Errorf("%q: %s%s", c.args, &stdout, last)
			}
		case c.args[1] == "--json":
			var got report
			if err := json.Unmarshal(stdout.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if d := got.Damage; d == nil || d.File != file || d.Offset > int64(at) || d.Offset < int64(at)-200 || d.Reason == "" {
				t.Errorf("damage %+v, want it in %s shortly before byte %d", d, file, at)
			}
		case !strings.Contains(stdout.String(), "\ndamage: "+file+" at byte "):
			t.Errorf("%q says:\n%s", c.args, &stdout)
		}
	}
}

// TestPrintText has what a test cannot easily bring about.
func TestPrintText(t *testing.T) {
	t.Parallel()
	found := localqueue.Inspection{
		Recovery: localqueue.Recovery{Queues: 1, Messages: 1200, Took: 1234567 * time.Microsecond, Cut: "00000003.log: cut at byte 9"},
		Stats:    []localqueue.QueueStats{{Name: "a", Account: "000000000000", Region: "r", Visible: 1200, OldestMessage: 90*time.Minute + time.Second/3}},
		Segments: []localqueue.SegmentInfo{{Number: 0x2a, Bytes: 64 << 20, Live: 1 << 20, Sealed: true}, {Number: 0x2b}},
	}
	var b bytes.Buffer
	if err := printText(&b, "d", found); err != nil {
		t.Fatal(err)
	}
	want := `d: 1 queue, 1200 messages, 64.0 MiB in 2 segments; read in 1.235s

QUEUE  VISIBLE  IN FLIGHT  DELAYED  OLDEST   ACCOUNT       REGION
a      1200     0          0        1h30m0s  000000000000  r

SEGMENT       BYTES     LIVE  STATE
0000002a.log  67108864  2%    full
0000002b.log  0         0%    written to

a crash left the end unfinished; the next start cuts it off: 00000003.log: cut at byte 9
`
	if b.String() != want {
		t.Errorf("got:\n%swant:\n%s", &b, want)
	}
	for n, want := range map[int64]string{0: "0 bytes", 2048: "2.0 KiB", 3 << 30: "3.0 GiB"} {
		if got := size(n); got != want {
			t.Errorf("%d bytes are %s, want %s", n, got, want)
		}
	}
}
