package report_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

func TestVerdicts(t *testing.T) {
	t.Parallel()
	targets := []report.Target{
		report.AtLeast("at least", "at least", "y", 0.95),
		report.AtLeast("more", "more", "y", 0.95),
		report.AtLeast("too little", "too little", "y", 0.95),
		report.AtMost("at most", "at most", "y", 2),
		report.AtMost("less", "less", "y", 2),
		report.AtMost("too much", "too much", "y", 2),
		report.AtLeast("unknown", "unknown", "y", 1),
		report.AtLeast("left out", "left out", "y", 1),
	}
	var out strings.Builder
	r := &report.Report{Out: &out, Markdown: true}
	for key, ratio := range map[string]float64{
		"at least": 0.95, "more": 3, "too little": 0.949, "at most": 2, "less": 0.1, "too much": 2.01, "unknown": math.NaN(),
	} {
		r.Reach(key, "1", "1", ratio)
	}
	r.Verdicts(targets)
	lines := slices.Collect(strings.Lines(out.String()))
	lines = lines[len(lines)-len(targets):]
	for i, want := range []string{"yes", "yes", "NO", "yes", "yes", "NO", "not measured", "not measured"} {
		if line := strings.TrimSpace(lines[i]); !strings.HasPrefix(line, "| "+targets[i].Name) || !strings.HasSuffix(line, " "+want+" |") {
			t.Errorf("%q, want %s", line, want)
		}
	}
	if ratio, ok := r.Reached("less"); !ok || ratio != 0.1 {
		t.Errorf("less: %v, %v", ratio, ok)
	}
	if _, ok := r.Reached("left out"); ok {
		t.Error("what was not measured was reached")
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		markdown bool
		want     string
	}{
		{false, "\nhead\n  a    b\n  100  2\n"},
		{true, "\n**head**\n\n| a | b |\n| --- | --- |\n| 100 | 2 |\n"},
	} {
		var out strings.Builder
		r := &report.Report{Out: &out, Markdown: c.markdown}
		r.Table("head", "a", "b").Row("100", "2")
		r.Flush()
		if out.String() != c.want {
			t.Errorf("got %q, want %q", out.String(), c.want)
		}
	}
}

func TestWritten(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{
		{report.Count(9999), "9999"}, {report.Count(25_349), "25.3k"}, {report.Count(12_340_000), "12.3M"}, {report.Count(math.NaN()), "-"},
		{report.Micros(28.24e-6), "28.2"}, {report.Micros(report.Known(0)), "-"}, {report.Millis(0.0061), "6.1 ms"},
		{report.Seconds(1.234), "1.23 s"}, {report.Megabytes(140.4e6), "140.4 MB"}, {report.Whole(report.Known(0)), "-"},
		{report.Ratio(math.Inf(1)), "-"}, {report.Ratio(1.005), "1.00"},
	} {
		if c[0] != c[1] {
			t.Errorf("got %q, want %q", c[0], c[1])
		}
	}
}
