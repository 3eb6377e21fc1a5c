package main

import (
	"strconv"

	"go.yaml.in/yaml/v4"
)

// queueSpec is one queue of the file. What it does not mention is left as it is.
type queueSpec struct {
	name       string
	line       int
	attributes map[string]string
	tags       map[string]string
	deadLetter *deadLetter
	lines      map[string]int // of each attribute
}

type deadLetter struct {
	name        string
	maxReceives int
	counted     bool // the file names maxReceives
	line        int
}

// defaultMaxReceives is the maxReceiveCount of a dead-letter queue that comes
// without one, as with --queue 'a -> b', unless the queue has it already and counts
// otherwise.
const defaultMaxReceives = 5

// queue reads an element of the list, which is on the line given.
func (f *queuesFile) queue(n *yaml.Node, line int) (*queueSpec, error) {
	q := &queueSpec{line: line}
	if n.Kind == yaml.ScalarNode {
		name, err := f.text(n, "a queue")
		if q.name = name; err == nil && name == "" {
			err = f.errorf(line, "this queue has no name")
		}
		return q, err
	}
	keys, err := f.entries(n, "a queue")
	if err != nil {
		return nil, err
	}
	for _, e := range keys {
		switch e.key {
		case "name":
			q.name, err = f.text(e.value, "name")
		case "attributes":
			err = f.attributes(q, e)
		case "tags":
			err = f.tags(q, e)
		case "deadLetterQueue":
			q.deadLetter, err = f.deadLetter(e)
		default:
			err = f.errorf(e.line, "unknown key %q; a queue has name, attributes, deadLetterQueue and tags (what SQS calls an attribute goes under attributes)", e.key)
		}
		if err != nil {
			return nil, err
		}
	}
	if q.name == "" {
		return nil, f.errorf(line, "this queue has no name")
	}
	if line := q.lines["RedrivePolicy"]; line != 0 && q.deadLetter != nil {
		return nil, f.errorf(line, "queue %q has both a RedrivePolicy and a deadLetterQueue; keep one", q.name)
	}
	return q, nil
}

func (f *queuesFile) attributes(q *queueSpec, e entry) error {
	keys, err := f.entries(e.value, e.key)
	if err != nil {
		return err
	}
	q.attributes, q.lines = make(map[string]string), make(map[string]int)
	for _, a := range keys {
		if q.attributes[a.key], err = f.textOrJSON(a.value, a.key); err != nil {
			return err
		}
		q.lines[a.key] = a.line
	}
	return nil
}

func (f *queuesFile) tags(q *queueSpec, e entry) error {
	keys, err := f.entries(e.value, e.key)
	if err != nil {
		return err
	}
	q.tags = make(map[string]string)
	for _, tag := range keys {
		if q.tags[tag.key], err = f.text(tag.value, "tag "+strconv.Quote(tag.key)); err != nil {
			return err
		}
	}
	return nil
}

func (f *queuesFile) deadLetter(e entry) (*deadLetter, error) {
	d := &deadLetter{maxReceives: defaultMaxReceives, line: e.line}
	if e.value.Kind == yaml.ScalarNode {
		name, err := f.text(e.value, e.key)
		d.name = name
		return d, err
	}
	keys, err := f.entries(e.value, e.key)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		var text string
		if text, err = f.text(k.value, k.key); err != nil {
			return nil, err
		}
		switch k.key {
		case "name":
			d.name = text
		case "maxReceiveCount":
			if d.maxReceives, err = strconv.Atoi(text); err != nil {
				return nil, f.errorf(k.line, "maxReceiveCount must be a whole number, not %q", text)
			}
			d.counted = true
		default:
			return nil, f.errorf(k.line, "unknown key %q; deadLetterQueue has name and maxReceiveCount", k.key)
		}
	}
	if d.name == "" {
		return nil, f.errorf(e.line, "deadLetterQueue has no name")
	}
	return d, nil
}
