package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	t.Parallel()
	got, err := parse([]byte("goos: linux\npkg: x\nBenchmarkDepth/1000-2 \t 229\t 166.2 change-ns/msg\t 3 allocs/op\t 50.00 send-p99.9-ns\nPASS\n"))
	var text string
	for _, v := range got {
		text += fmt.Sprintf("%.4g %s;", v.Value, v.Unit)
	}
	if want := "1.662e-07 change-sec/msg;3 allocs/op;5e-08 send-p99.9-sec;"; text != want || err != nil {
		t.Errorf("got %v, %v; want %s", text, err, want)
	}
	for _, out := range []string{
		"PASS\n", "BenchmarkA 1 2 ns/op\nBenchmarkB 1 2 ns/op\n", "BenchmarkA 1 many ns/op\n",
	} {
		if got, err := parse([]byte(out)); err == nil {
			t.Errorf("%q was read as %v", out, got)
		}
	}
}

// What a child writes is read as it was meant.
func TestWriteResult(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := writeResult(&out, "Queues/1000", 7, value{"cycle-sec/msg", 2.5e-7}, value{"new-B/queue", 2400}); err != nil {
		t.Fatal(err)
	}
	got, err := parse([]byte(out.String()))
	if err != nil || len(got) != 2 || got[0].Value != 2.5e-7 || got[0].Unit != "cycle-sec/msg" || got[1].Value != 2400 || got[1].Unit != "new-B/queue" {
		t.Errorf("%q was read as %v, %v", &out, got, err)
	}
}

// A pattern matches one benchmark, and none whose name only begins or ends like it.
func TestOnly(t *testing.T) {
	t.Parallel()
	matches := func(pattern, name string) bool {
		p, n := strings.Split(pattern, "/"), strings.Split(name, "/")
		for i := range p {
			if i >= len(n) || !regexp.MustCompile(p[i]).MatchString(n[i]) {
				return false
			}
		}
		return true
	}
	pattern := only("Life/copy+2locks")
	for name, want := range map[string]bool{
		"BenchmarkLife/copy+2locks": true, "BenchmarkLifeOnDisk/copy+2locks": false, "BenchmarkLife/copyy2locks": false,
	} {
		if matches(pattern, name) != want {
			t.Errorf("%s matches %s: %v, want %v", pattern, name, !want, want)
		}
	}
	if matches(only("Depth/100"), "BenchmarkDepth/1000") {
		t.Error("a shorter name matches")
	}
}

// Every round begins with another lane, and a lane that fails ends the race.
func TestRace(t *testing.T) {
	t.Parallel()
	var order []string
	of := func(name string) *lane {
		return newLane(func(context.Context) ([]byte, error) {
			order = append(order, name)
			return fmt.Appendf(nil, "BenchmarkX 1 %d ns/msg\n", len(order)), nil
		})
	}
	b := &bench{ctx: t.Context(), plan: plan{rounds: 3}, progress: func(string, ...any) {}}
	x, y := of("x"), of("y")
	if err := b.race("it", x, y); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(order, ""); got != "xyyxxy" {
		t.Errorf("ran in the order %s, want xyyxxy", got)
	}
	for i, v := range x.of("sec/msg") {
		if want := []float64{1, 4, 5}[i]; v < 0.99e-9*want || v > 1.01e-9*want {
			t.Errorf("round %d of x: %v, want %v ns", i, v, want)
		}
	}
	broken := errors.New("broken")
	bad := newLane(func(context.Context) ([]byte, error) { return nil, broken })
	if err := b.race("it", x, bad); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// The error of a program that fails has what the program said.
func TestOutputFails(t *testing.T) {
	t.Parallel()
	_, err := output(t.Context(), "", "go", "tool", "no-such-tool")
	if err == nil || !strings.Contains(err.Error(), `no such tool "no-such-tool"`) {
		t.Errorf("got %v", err)
	}
	if _, err := output(t.Context(), t.TempDir(), "no-such-program"); err == nil {
		t.Error("a program that is not there was run")
	}
}

func TestAvailable(t *testing.T) {
	t.Parallel()
	if n, ok := readAvailable([]byte("MemTotal:  9 kB\nMemAvailable:    4 kB\n")); n != 4096 || !ok {
		t.Errorf("%d, %v; want 4096", n, ok)
	}
	for _, info := range []string{"", "MemFree: 4 kB\n", "MemAvailable: 4\n", "MemAvailable: four kB\n"} {
		if n, ok := readAvailable([]byte(info)); ok {
			t.Errorf("%q: %d", info, n)
		}
	}
}

// What does not fit is left out aloud; where memory is not known, all is taken to fit.
func TestFitting(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		have  int64
		known bool
		want  []int
		said  string
	}{
		{3e9, true, []int{0, 5}, "\nSKIPPED 10 messages: it takes 4000.0 MB of memory, and 3000.0 MB are available\n"},
		{4e9, true, []int{0, 5, 10}, ""}, {0, false, []int{0, 5, 10}, ""},
	} {
		b, out := faked(t, plan{}, nil)
		b.available = func() (int64, bool) { return c.have, c.known }
		if got := b.fitting([]int{0, 5, 10}, "messages", 10, 4e9); !slices.Equal(got, c.want) || out.String() != c.said {
			t.Errorf("with %d, %v: %v, %q; want %v, %q", c.have, c.known, got, out, c.want, c.said)
		}
	}
}
