package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

// yamlFile is a YAML file that is read node by node, so that every complaint
// about it can name its line.
type yamlFile struct {
	path   string
	merges int // "<<" followed so far
	merged int // keys that they brought
}

// maxMerges ends a "<<" that leads back into itself, maxMerged those that multiply.
const (
	maxMerges = 1000
	maxMerged = 100_000
)

// errorf is a complaint about a line, in the form that editors jump to.
func (f *yamlFile) errorf(line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %w", f.path, line, fmt.Errorf(format, args...))
}

// root parses text, which must hold one document, and returns its outermost node.
func (f *yamlFile) root(text []byte) (*yaml.Node, error) {
	var document yaml.Node
	err := yaml.Load(text, &document)
	if err == nil {
		return resolve(document.Content[0]), nil
	}
	if because(err) == "no documents in stream" {
		return nil, fmt.Errorf("%s: the file is empty; it needs a list named queues", f.path)
	}
	if at, ok := errors.AsType[*yaml.LoadError](err); ok && at.Mark.Line > 0 {
		return nil, f.errorf(at.Mark.Line, "%s", because(err))
	}
	return nil, fmt.Errorf("%s: %s", f.path, because(err))
}

// entry is a key of a mapping, and its value with aliases followed.
type entry struct {
	key   string
	line  int
	value *yaml.Node
}

// entries lists the mapping n in the order of the file. Keys that "<<" merges in
// come last, and yield to the mapping's own.
func (f *yamlFile) entries(n *yaml.Node, what string) ([]entry, error) {
	if n.Kind != yaml.MappingNode {
		return nil, f.errorf(n.Line, "%s must be a mapping of keys to values, not %s", what, kind(n))
	}
	var own, others []entry
	lines := make(map[string]int)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], resolve(n.Content[i+1])
		if key.ShortTag() == "!!merge" {
			more, err := f.sources(value, what)
			if err != nil {
				return nil, err
			}
			others = append(others, more...)
			continue
		}
		if key.Kind != yaml.ScalarNode {
			return nil, f.errorf(key.Line, "a key of %s must be a text, not %s", what, kind(key))
		}
		if line := lines[key.Value]; line != 0 {
			return nil, f.errorf(key.Line, "%s has the key %q twice, first on line %d", what, key.Value, line)
		}
		lines[key.Value] = key.Line
		own = append(own, entry{key.Value, key.Line, value})
	}
	for _, e := range others {
		if lines[e.key] == 0 {
			lines[e.key] = e.line
			own = append(own, e)
		}
	}
	return own, nil
}

// sources lists what a "<<" merges in: of one mapping, or of several, the first
// of which wins.
func (f *yamlFile) sources(n *yaml.Node, what string) ([]entry, error) {
	if f.merges++; f.merges > maxMerges {
		return nil, f.errorf(n.Line, "%s merges itself with <<, or there are too many of these", what)
	}
	if n.Kind != yaml.SequenceNode {
		return f.source(n, what)
	}
	var all []entry
	for _, c := range n.Content {
		more, err := f.source(resolve(c), what)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// source lists what one mapping brings.
func (f *yamlFile) source(n *yaml.Node, what string) ([]entry, error) {
	all, err := f.entries(n, what)
	if f.merged += len(all); err == nil && f.merged > maxMerged {
		return nil, f.errorf(n.Line, "%s merges too many keys with <<", what)
	}
	return all, err
}

// text is a value that must be a text, a number or true or false, as written.
func (f *yamlFile) text(n *yaml.Node, what string) (string, error) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null" {
		return "", f.errorf(n.Line, "%s must be a single value, not %s", what, kind(n))
	}
	return n.Value, nil
}

// textOrJSON is text, and of a mapping or a list its JSON: what SQS takes for
// policies.
func (f *yamlFile) textOrJSON(n *yaml.Node, what string) (string, error) {
	if n.Kind == yaml.ScalarNode {
		return f.text(n, what)
	}
	datesAsText(n, make(map[*yaml.Node]bool))
	var v any
	if err := n.Decode(&v); err != nil {
		return "", f.errorf(n.Line, "%s: %s", what, because(err))
	}
	b, err := json.Marshal(v)
	if err != nil {
		return "", f.errorf(n.Line, "%s cannot be put in JSON: its keys must be texts", what)
	}
	return string(b), nil
}

// datesAsText makes dates beneath n texts, which they are in JSON: the Version of
// a policy is 2012-10-17, not an instant.
func datesAsText(n *yaml.Node, seen map[*yaml.Node]bool) {
	if n == nil || seen[n] {
		return
	}
	seen[n] = true
	if n.ShortTag() == "!!timestamp" {
		n.Tag = "!!str"
	}
	datesAsText(n.Alias, seen)
	for _, c := range n.Content {
		datesAsText(c, seen)
	}
}

// because is what an error of package yaml says, without that package's words
// around it.
func because(err error) string {
	if at, ok := errors.AsType[*yaml.LoadError](err); ok {
		return strings.TrimPrefix(at.Message, "yaml: ")
	}
	return strings.TrimPrefix(err.Error(), "yaml: ")
}

// resolve follows an alias to what it stands for.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// kind says what n is, for an error.
func kind(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.ShortTag() == "!!null":
		return "nothing"
	default:
		return fmt.Sprintf("%q", n.Value)
	}
}
