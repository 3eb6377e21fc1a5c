package main

import (
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestLine(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"a b":     "00  a b",
		"\xff":    "00  \xff",
		"tab\t":   "00  tab\t",
		`a\b`:     `\00  a\\b`,
		"a\nb\rc": `\00  a\nb\rc`,
		"\\n\n":   `\00  \\n\n`,
	} {
		if got := line("00", path); got != want {
			t.Errorf("%q: got %q, want %q", path, got, want)
		}
	}
}

// TestCollector sends the results of one job in orders that at-least-once delivery allows.
func TestCollector(t *testing.T) {
	t.Parallel()
	sum := func(s string) result { return result{Run: "this", Path: []byte("a"), Sum: s} }
	failure := result{Run: "this", Path: []byte("a"), Reason: "no luck"}
	for _, c := range []struct {
		name    string
		results []result
		want    report
	}{
		{"nothing", nil, report{missing: []string{"a"}}},
		{"once", []result{sum("1")}, report{sums: map[string]string{"a": "1"}}},
		{"twice", []result{sum("1"), sum("1")}, report{sums: map[string]string{"a": "1"}}},
		{"the first sum stands", []result{sum("1"), sum("2")}, report{sums: map[string]string{"a": "1"}}},
		{"failed twice", []result{failure, failure}, report{failed: map[string]string{"a": "no luck"}}},
		{"late reason", []result{sum("1"), failure}, report{sums: map[string]string{"a": "1"}}},
		{"late sum", []result{failure, sum("1")}, report{sums: map[string]string{"a": "1"}}},
		{"another run's", []result{{Run: "that", Path: []byte("a"), Sum: "1"}}, report{missing: []string{"a"}}},
	} {
		collector := newCollector("this", nil)
		collector.expect("a")
		for _, r := range c.results {
			if err := collector.handle(t.Context(), r); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		got := collector.report()
		if !maps.Equal(got.sums, c.want.sums) || !maps.Equal(got.failed, c.want.failed) || !slices.Equal(got.missing, c.want.missing) {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestReason(t *testing.T) {
	t.Parallel()
	_, err := os.Open(t.TempDir() + "/\xff")
	if got := reason(err); !strings.HasPrefix(got, "open: ") || strings.Contains(got, "\xff") {
		t.Errorf("got %q", got)
	}
	if got := reason(errors.New("other")); got != "other" {
		t.Errorf("got %q", got)
	}
}

// TestProgress draws a bar whose length grows while it fills.
func TestProgress(t *testing.T) {
	t.Parallel()
	var screen strings.Builder
	bar := newProgress(&screen)
	for range 50 {
		bar.found()
		bar.done()
	}
	if bar.bar.IsFinished() {
		t.Error("finished before all files were found")
	}
	bar.found()
	bar.allFound()
	if bar.bar.IsFinished() {
		t.Error("finished with a file to go")
	}
	bar.done()
	if !bar.bar.IsFinished() {
		t.Error("not finished")
	}
	bar.clear()
	if !strings.Contains(screen.String(), "hashing") {
		t.Errorf("drawn: %q", &screen)
	}
	if watch(&screen) != nil {
		t.Error("a bar on something that is no terminal")
	}
}
