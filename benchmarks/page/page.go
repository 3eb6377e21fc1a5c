package main

import (
	"fmt"
	"strings"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

// page is results as they are shown.
type page struct {
	all     []*report.Results
	missing []string // comparisons that left no results
	note    string   // what is to be known of this run
	beside  string   // the directory of plots and tables, as the page names it
	text    strings.Builder
}

// intro is what the page says of all figures.
const intro = `# Benchmarks

This page is made by ` + "`make bench`" + ` of what the programs in ` + "`benchmarks/`" + ` measured: do not edit it. Each compares
Quayside with something else, in one run, on one machine, in turn. What counts are ratios; absolute figures are
those of the machine that is named, which may have had other things to do. A bar or a point is the median of all
rounds, and the thin line through it reaches from the least round to the greatest. A target is a bound that was
set for a ratio; NO says that this run missed it; ` + "`docs/performance.md`" + ` says why, and what was improved.

To repeat it: ` + "`make bench`" + ` measures all again, which takes about an hour, and writes this page; to publish
it, commit it with what is beside it. ` + "`make bench-quick`" + ` takes about eleven minutes, needs no program but Go, and
writes a page of its own, ` + "`benchmarks/results-quick/benchmarks.md`" + `. The command of each comparison stands below.

`

// markdown is the page.
func (p *page) markdown() string {
	p.text.WriteString(intro)
	p.warnings()
	p.summary()
	for _, r := range p.all {
		p.results(r)
	}
	return p.text.String()
}

func (p *page) printf(format string, args ...any) { fmt.Fprintf(&p.text, format, args...) }

// warnings say why the figures are not those of a full run.
func (p *page) warnings() {
	if p.note != "" {
		p.printf("**%s**\n\n", p.note)
	}
	for _, r := range p.all {
		if r.Quick {
			p.printf("**These are figures of a quick run, of few and short rounds: read them as a trial.**\n\n")
			break
		}
	}
	for _, name := range p.missing {
		p.printf("**There are no results of %s: it failed before it measured anything.**\n\n", name)
	}
}

// summary is a table of the targets met.
func (p *page) summary() {
	p.row("comparison", "targets met", "missed", "not measured", "began", "took")
	p.row("---", "---", "---", "---", "---", "---")
	for _, r := range p.all {
		n := map[string]int{}
		for _, v := range r.Targets {
			n[v.Met]++
		}
		p.row(fmt.Sprintf("[%s](#%s)", r.Title, anchor(r.Title)), fmt.Sprint(n["yes"]), fmt.Sprint(n["NO"]), fmt.Sprint(n["not measured"]),
			r.Date.UTC().Format("2006-01-02 15:04 MST"), r.Took)
	}
	p.printf("\n")
}

// anchor is how a link names a heading.
func anchor(heading string) string {
	kept := strings.Map(func(c rune) rune {
		switch {
		case c == ' ':
			return '-'
		case c == '-', c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			return c
		}
		return -1
	}, strings.ToLower(heading))
	return kept
}

// results are those of one comparison.
func (p *page) results(r *report.Results) {
	p.printf("## %s\n\n", r.Title)
	p.printf("`%s` on %s: %s.", r.Command, r.Date.UTC().Format("2 January 2006"), r.Machine)
	for i, v := range r.Versions {
		p.printf("%s%s %s", []string{" ", ", "}[min(i, 1)], v.Name, v.Version)
	}
	p.printf(". All figures: [%s.csv](%s/%s.csv).\n\n", r.Program, p.beside, r.Program)
	if r.Error != "" {
		p.printf("**It ended before all was measured: %s**\n\n", oneLine(r.Error))
	}
	if r.About != "" {
		p.printf("<details><summary>How this is measured</summary>\n\n%s\n\n</details>\n\n", r.About)
	}
	for _, m := range r.Measures {
		p.measure(r, m)
	}
	p.targets(r.Targets)
}

// measure is a part of a comparison.
func (p *page) measure(r *report.Results, m *report.Measure) {
	if m.Name != "" {
		p.printf("### %s: %s\n\n", m.Name, m.What)
	}
	if m.About != "" {
		p.printf("%s\n\n", m.About)
	}
	for _, s := range m.Skipped {
		p.printf("*Not measured: %s*\n\n", oneLine(s))
	}
	for _, x := range m.Plots {
		if len(x.Of(m.Figures)) > 0 {
			p.printf("![%s](%s/%s)\n\n", x.Title+", "+x.Y, p.beside, plotFile(r, x))
		}
	}
	for _, t := range m.Tables {
		p.printf("%s:\n\n", t.Heading)
		p.row(t.Columns...)
		p.row(strings.Split(strings.Repeat("---,", len(t.Columns)-1)+"---", ",")...)
		for _, row := range t.Rows {
			p.row(row...)
		}
		p.printf("\n")
	}
}

// targets are the bounds that were set, beside what was reached.
func (p *page) targets(all []report.Verdict) {
	if len(all) == 0 {
		return
	}
	p.printf("### Targets\n\n")
	p.row("what", "figure", "yardstick", "its figure", "ratio", "target", "met")
	p.row("---", "---", "---", "---", "---", "---", "---")
	for _, v := range all {
		p.row(v.Name, v.Figure, v.Yardstick, v.Its, v.Ratio, v.Bound, v.Met)
	}
	p.printf("\n")
}

// row is a row of a table.
func (p *page) row(columns ...string) {
	p.printf("|")
	for _, c := range columns {
		p.printf(" %s |", strings.ReplaceAll(c, "|", `\|`))
	}
	p.printf("\n")
}

// oneLine is a text without line breaks: what a program said when it failed may have many.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
