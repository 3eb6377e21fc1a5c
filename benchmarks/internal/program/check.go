package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Check returns what is wrong with a program's description of itself: for its tests.
func (p Program[B]) Check(ctx context.Context) error {
	var wrong []error
	about := explained(p.Doc)
	seen := map[string]bool{}
	for _, m := range p.Measures {
		if about.of[m.Name] == "" {
			wrong = append(wrong, fmt.Errorf("the package comment does not explain the measure %s", m.Name))
		}
		if seen[m.Name] {
			wrong = append(wrong, fmt.Errorf("two measures are called %s", m.Name))
		}
		seen[m.Name] = true
	}
	keys := map[string]bool{}
	for _, x := range p.Targets {
		if keys[x.Key] {
			wrong = append(wrong, fmt.Errorf("two targets have the key %s", x.Key))
		}
		keys[x.Key] = true
	}
	var usage strings.Builder
	if err := p.Run(ctx, []string{"-help"}, io.Discard, &usage); err != nil {
		wrong = append(wrong, err)
	}
	for name := range seen {
		if !strings.Contains(usage.String(), "\n  "+name+" ") {
			wrong = append(wrong, fmt.Errorf("the usage does not name %s", name))
		}
	}
	return errors.Join(append(wrong, p.refuses(ctx))...)
}

// refuses returns which wrong arguments are accepted.
func (p Program[B]) refuses(ctx context.Context) error {
	var wrong []error
	for _, args := range [][]string{
		{"-no-such-flag"}, {"-only", "no such measure"}, {"-only", p.Measures[0].Name + ","}, {"all"}, {"-rounds", "-1"},
	} {
		if p.Run(ctx, args, io.Discard, io.Discard) == nil {
			wrong = append(wrong, fmt.Errorf("%q was accepted", args))
		}
	}
	return errors.Join(wrong...)
}
