// Page makes a page of the results of comparisons: Markdown, with a plot of what can be plotted, and a table
// of all figures as CSV beside it. `make bench` and `make bench-quick` run it; by hand, to publish what is in
// a directory:
//
//	cd benchmarks && go run ./page -from results -to ../docs/benchmarks.md wire storage
//
// The arguments are the comparisons in the order of the page, each of which is the JSON file of that name; one
// that is not there is said to be missing. Without arguments all are taken that are there. Plots and tables
// are in a directory with the name of the page, which is the page's own: those that are there already are
// removed.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

func main() {
	if err := run(os.Args[1:], os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "page:", err)
		os.Exit(1)
	}
}

// run is the program.
func run(args []string, log io.Writer) error {
	flags := flag.NewFlagSet("page", flag.ContinueOnError)
	flags.SetOutput(log)
	from := flags.String("from", "results", "`directory` of the JSON files that -results wrote")
	to := flags.String("to", "", "`file` of the page, which ends in .md; plots and tables are in a directory beside it")
	note := flags.String("note", "", "`sentence` that the page begins with: what is to be known of this run")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	if !strings.HasSuffix(*to, ".md") {
		return errors.New("-to must be a file that ends in .md")
	}
	p, err := read(*from, flags.Args())
	if err != nil {
		return err
	}
	p.note = *note
	return p.write(*to)
}

// read reads the results with those names, or else all.
func read(dir string, names []string) (*page, error) {
	if len(names) == 0 {
		found, err := filepath.Glob(filepath.Join(dir, "*.json"))
		if err != nil || len(found) == 0 {
			return nil, errors.Join(err, fmt.Errorf("there are no results in %s", dir))
		}
		for _, path := range found {
			names = append(names, strings.TrimSuffix(filepath.Base(path), ".json"))
		}
	}
	p := &page{}
	for _, name := range names {
		r, err := report.Read(filepath.Join(dir, name+".json"))
		if errors.Is(err, fs.ErrNotExist) {
			p.missing = append(p.missing, name)
			continue
		}
		if err != nil {
			return nil, err
		}
		p.all = append(p.all, r)
	}
	if len(p.all) == 0 {
		return nil, fmt.Errorf("there are no results of %s in %s", strings.Join(names, ", "), dir)
	}
	return p, nil
}

// write writes the page, and what is beside it.
func (p *page) write(path string) error {
	dir := strings.TrimSuffix(path, ".md")
	if err := emptied(dir); err != nil {
		return err
	}
	p.beside = filepath.Base(dir)
	c := newColours()
	for _, r := range p.all {
		if err := writeTable(filepath.Join(dir, r.Program+".csv"), r); err != nil {
			return err
		}
		if err := c.writePlots(dir, r); err != nil {
			return fmt.Errorf("plots of %s: %w", r.Program, err)
		}
	}
	return os.WriteFile(path, []byte(p.markdown()), 0o644)
}

// emptied makes the directory, or removes the plots and tables in it.
func emptied(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, kind := range []string{"*.svg", "*.csv"} {
		old, err := filepath.Glob(filepath.Join(dir, kind))
		for _, path := range old {
			err = errors.Join(err, os.Remove(path))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func writeTable(path string, r *report.Results) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(report.WriteCSV(f, r.Figures()), f.Close())
}
