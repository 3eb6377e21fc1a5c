package child

import (
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quayside-go/quayside/benchmarks/storage/internal/store"
)

func TestDrive(t *testing.T) {
	t.Parallel()
	forever := func() (int, error) { return 10, nil }
	var left atomic.Int64
	left.Store(100)
	some := func() (int, error) {
		if left.Add(-1) < 0 {
			return 0, nil
		}
		return 3, nil
	}
	got, err := Drive([]Operation{some, some}, 0)
	if err != nil || got.Messages != 300 || got.P99 != 0 {
		t.Errorf("until nothing is left: %+v, %v", got, err)
	}
	got, err = Drive([]Operation{forever, forever}, time.Millisecond)
	if err != nil || got.Messages == 0 || got.Elapsed < time.Millisecond || got.P99 < got.P50 || got.P99 == 0 {
		t.Errorf("for a while: %+v, %v", got, err)
	}
	failed := errors.New("no more")
	fails := func() (int, error) { return 0, failed }
	if _, err = Drive([]Operation{forever, fails, forever}, 0); !errors.Is(err, failed) {
		t.Errorf("with one that fails: %v", err)
	}
}

// conversation sends commands to a child that runs here, and returns its answers.
func conversation(t *testing.T, kind string, commands ...command) []answer {
	t.Helper()
	in, out := io.Pipe()
	go func() {
		e := json.NewEncoder(out)
		for _, c := range commands {
			if err := e.Encode(c); err != nil {
				return // the child is gone, which the test sees
			}
		}
		out.Close()
	}()
	var replies strings.Builder
	if err := Serve(in, &replies, []string{kind, filepath.Join(t.TempDir(), "data"), "1048576"}); err != nil {
		t.Fatal(err)
	}
	in.Close()
	var all []answer
	for d := json.NewDecoder(strings.NewReader(replies.String())); ; {
		var a answer
		if err := d.Decode(&a); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, a)
	}
}

func TestServe(t *testing.T) {
	t.Parallel()
	got := conversation(t, store.Memory,
		command{Do: "load", Callers: 3, Batch: 10, Messages: 95},
		command{Do: "dance"},
		command{Do: "steady", Callers: 4, Batch: 10, For: time.Millisecond},
		command{Do: "straggle", For: time.Second},
		command{Do: "put", Callers: 2, Batch: 10, For: time.Millisecond},
		command{Do: "take", Callers: 2, Batch: 10, For: time.Minute},
		command{Do: "memory"},
		command{Do: "serve"},
	)
	if len(got) != 9 {
		t.Fatalf("%d answers, want 9: %+v", len(got), got)
	}
	for i, a := range got {
		if want := i == 2; (a.Error != "") != want {
			t.Errorf("answer %d has error %q", i, a.Error)
		}
	}
	if got[1].Spent.Messages != 95 {
		t.Errorf("%d messages were loaded, want 95", got[1].Spent.Messages)
	}
	if n := 95 + got[5].Spent.Messages; got[6].Spent.Messages < n {
		t.Errorf("%d messages were taken of %d", got[6].Spent.Messages, n)
	}
	if got[7].Memory.Heap == 0 || !strings.HasPrefix(got[8].Addr, "127.0.0.1:") {
		t.Errorf("memory %+v, address %q", got[7].Memory, got[8].Addr)
	}
}

func TestServeFails(t *testing.T) {
	t.Parallel()
	if got := conversation(t, "floppy"); len(got) != 1 || !strings.Contains(got[0].Error, "floppy") {
		t.Errorf("a kind that is none: %+v", got)
	}
	got := conversation(t, store.Raw, command{Do: "fill", State: "waiting"}, command{Do: "serve"}, command{Do: "take", Callers: 1})
	for i, a := range got[1:] {
		if a.Error == "" {
			t.Errorf("command %d was carried out by a bare file", i)
		}
	}
	for _, args := range [][]string{{store.Memory, t.TempDir(), "0"}, {store.Memory, "", "big"}, {store.Memory}} {
		if err := Serve(strings.NewReader("?"), io.Discard, args); err == nil {
			t.Errorf("%q: a command that is no JSON was carried out", args)
		}
	}
}
