package program

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// options are those of every command line.
type options struct {
	quick, markdown, assert bool
	only, results, csv      string
	rounds                  int
}

func (p Program[B]) flags(o *options, log io.Writer) *flag.FlagSet {
	f := flag.NewFlagSet(p.Name, flag.ContinueOnError)
	f.SetOutput(log)
	f.BoolVar(&o.quick, "quick", false, "take "+p.Takes+": fewer and shorter rounds")
	f.BoolVar(&o.markdown, "markdown", false, "write the tables as Markdown")
	f.StringVar(&o.only, "only", "", "measure only `names` (comma-separated) of those below")
	f.IntVar(&o.rounds, "rounds", 0, "`number` of rounds of "+p.Round)
	f.StringVar(&o.results, "results", "", "also write all results to that `file`, as JSON")
	f.StringVar(&o.csv, "csv", "", "also write every figure, with its least and greatest round, to that `file`")
	f.BoolVar(&o.assert, "assert", false, "fail if a target is missed that holds on any machine, however busy")
	if p.Flags != nil {
		p.Flags(f)
	}
	f.Usage = func() {
		fmt.Fprintf(log, "usage: %s [flags]\n\nflags:\n", p.Name)
		f.PrintDefaults()
		p.list(log)
	}
	return f
}

// command is how one repeats a run. What it writes, and where, makes no difference to it.
func (p Program[B]) command(set *flag.FlagSet) string {
	words := []string{"go run ./" + p.Name}
	set.Visit(func(f *flag.Flag) {
		switch f.Name {
		case "results", "csv", "markdown":
			return
		}
		if f.Value.String() == "true" {
			words = append(words, "-"+f.Name)
			return
		}
		words = append(words, "-"+f.Name+"="+f.Value.String())
	})
	return strings.Join(words, " ")
}

// list writes the names of the measures.
func (p Program[B]) list(log io.Writer) {
	var extra []string
	width := 0
	for _, m := range p.Measures {
		width = max(width, len(m.Name))
		if m.Extra {
			extra = append(extra, m.Name)
		}
	}
	fmt.Fprint(log, "\nmeasures")
	if len(extra) > 0 {
		fmt.Fprintf(log, " (all but %s are made unless -only names some)", strings.Join(extra, ", "))
	}
	fmt.Fprintln(log, ":")
	for _, m := range p.Measures {
		fmt.Fprintf(log, "  %-*s  %s\n", width, m.Name, m.What)
	}
}

// chosen returns the measures with those names, comma-separated; for none all but the extra ones.
func (p Program[B]) chosen(names string) ([]Measure[B], error) {
	if names == "" {
		return slices.DeleteFunc(slices.Clone(p.Measures), func(m Measure[B]) bool { return m.Extra }), nil
	}
	var some []Measure[B]
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(p.Measures, func(m Measure[B]) bool { return m.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("-only: nothing is called %q", name)
		}
		some = append(some, p.Measures[i])
	}
	return some, nil
}
