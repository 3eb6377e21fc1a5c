package main

import (
	"fmt"
	"strings"
)

// profile is a section of a credentials file.
type profile struct {
	name   string
	line   int
	values map[string]string
	lines  map[string]int
}

// parseProfiles reads the sections of an INI file as AWS's tools do: comments
// begin with # or ; at the start of a line or after a blank, keys in either case,
// and indented lines under a key without a value belong to that key.
func parseProfiles(path, text string) ([]*profile, error) {
	var all []*profile
	nested := false
	for i, raw := range strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n") {
		line := withoutComment(raw)
		if line == "" || nested && (raw[0] == ' ' || raw[0] == '\t') {
			continue
		}
		nested = false
		if name, ok := strings.CutPrefix(line, "["); ok {
			name, closed := strings.CutSuffix(name, "]")
			if !closed {
				return nil, fmt.Errorf("%s:%d: a profile's name stands in brackets: [default]", path, i+1)
			}
			all = append(all, &profile{
				name: strings.TrimSpace(name), line: i + 1,
				values: make(map[string]string), lines: make(map[string]int),
			})
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		switch {
		case !ok:
			return nil, fmt.Errorf("%s:%d: neither a [profile] nor a key = value", path, i+1)
		case len(all) == 0:
			return nil, fmt.Errorf("%s:%d: a key above the first [profile]", path, i+1)
		}
		p := all[len(all)-1]
		key, value = strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value)
		if p.lines[key] != 0 {
			return nil, fmt.Errorf("%s:%d: profile %q has %s twice, first on line %d", path, i+1, p.name, key, p.lines[key])
		}
		p.values[key], p.lines[key] = value, i+1
		nested = value == ""
	}
	return all, nil
}

func withoutComment(line string) string {
	for i := range len(line) {
		if (line[i] == '#' || line[i] == ';') && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
			line = line[:i]
			break
		}
	}
	return strings.TrimSpace(line)
}
