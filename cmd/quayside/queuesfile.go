package main

import (
	"fmt"
	"os"

	"go.yaml.in/yaml/v4"
)

// queuesFile is what --queues names:
//
//	queues:
//	  - name: orders
//	    attributes: { VisibilityTimeout: 60 }
//	    deadLetterQueue: orders-dlq  # or { name: orders-dlq, maxReceiveCount: 3 }
//	    tags: { team: shop }
//	  - name: orders-dlq
//
// The attributes are those of CreateQueue. One whose value is JSON (Policy,
// RedriveAllowPolicy) may be written as YAML. A queue with nothing but a name may
// be written as the name alone.
type queuesFile struct {
	yamlFile
	queues []*queueSpec
}

// readQueuesFile reads and checks the file, as far as it can be checked without
// asking SQS.
func readQueuesFile(path string) (*queuesFile, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--queues: %w", err)
	}
	return parseQueues(path, text)
}

// parseQueues is readQueuesFile on the text of the file.
func parseQueues(path string, text []byte) (*queuesFile, error) {
	f := &queuesFile{yamlFile: yamlFile{path: path}}
	root, err := f.root(text)
	if err != nil {
		return nil, err
	}
	top, err := f.entries(root, "the file")
	if err != nil {
		return nil, err
	}
	listed := false
	for _, e := range top {
		if e.key != "queues" {
			return nil, f.errorf(e.line, "unknown key %q; the file has one, queues", e.key)
		}
		listed = true
		if e.value.Kind != yaml.SequenceNode {
			return nil, f.errorf(e.line, "queues must be a list, each line beginning with \"-\", not %s", kind(e.value))
		}
		for _, n := range e.value.Content {
			q, err := f.queue(resolve(n), n.Line)
			if err != nil {
				return nil, err
			}
			f.queues = append(f.queues, q)
		}
	}
	if !listed {
		return nil, f.errorf(root.Line, "there is no list named queues")
	}
	if err := f.agree(); err != nil {
		return nil, err
	}
	return f, nil
}

// agree checks what queues say of each other.
func (f *queuesFile) agree() error {
	lines := make(map[string]int)
	for _, q := range f.queues {
		if first := lines[q.name]; first != 0 {
			return f.errorf(q.line, "queue %q is listed twice, first on line %d", q.name, first)
		}
		lines[q.name] = q.line
	}
	for _, q := range f.queues {
		if d := q.deadLetter; d != nil && lines[d.name] == 0 {
			return f.errorf(d.line, "the dead-letter queue %q of %q is not in the list: add \"- name: %s\"", d.name, q.name, d.name)
		}
	}
	return nil
}
