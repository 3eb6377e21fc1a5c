package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// span is what the tree needs of what the exporter writes.
type span struct {
	Name        string
	StartTime   time.Time
	SpanContext spanContext
	Parent      spanContext
	Links       []struct{ SpanContext spanContext }

	children, linked []*span
}

type spanContext struct{ SpanID string }

// printTree reads spans and prints them beneath their parents, and requests to SQS, which
// serve many traces, beneath the spans that they are linked to.
func printTree(w io.Writer, exported io.Reader) error {
	var spans []*span
	for d := json.NewDecoder(exported); ; {
		s := &span{}
		if err := d.Decode(s); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		spans = append(spans, s)
	}
	slices.SortStableFunc(spans, func(a, b *span) int { return a.StartTime.Compare(b.StartTime) })
	byID := make(map[string]*span)
	for _, s := range spans {
		byID[s.SpanContext.SpanID] = s
	}
	var roots []*span
	for _, s := range spans {
		if parent := byID[s.Parent.SpanID]; parent != nil {
			parent.children = append(parent.children, s)
		} else if len(s.Links) == 0 {
			roots = append(roots, s)
		}
		for _, l := range s.Links {
			if to := byID[l.SpanContext.SpanID]; to != nil {
				to.linked = append(to.linked, s)
			}
		}
	}
	for _, s := range roots {
		if err := s.print(w, 0); err != nil {
			return err
		}
	}
	return nil
}

// print prints s and what is beneath it.
func (s *span) print(w io.Writer, depth int) error {
	line := strings.Repeat("  ", depth) + s.Name
	if len(s.linked) > 0 {
		var names []string
		for _, l := range s.linked {
			names = append(names, l.Name)
		}
		slices.Sort(names) // some of them end at the same time
		line += "   (linked: " + strings.Join(names, ", ") + ")"
	}
	if _, err := fmt.Fprintln(w, line); err != nil {
		return err
	}
	for _, c := range s.children {
		if err := c.print(w, depth+1); err != nil {
			return err
		}
	}
	return nil
}
