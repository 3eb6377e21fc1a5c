package main

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestParseQueues(t *testing.T) {
	t.Parallel()
	f, err := parseQueues("q.yaml", []byte(`queues: # comment
  - name: orders
    attributes: &slow
      VisibilityTimeout: 60
      ReceiveMessageWaitTimeSeconds: "20"
      Policy: { Version: 2012-10-17, Statement: [ { Effect: Allow } ] }
    deadLetterQueue: orders-dlq
    tags: { team: shop, cost: 0012, hot: yes }
  - orders-dlq
  - name: jobs.fifo
    deadLetterQueue: { name: dead.fifo, maxReceiveCount: 3 }
    attributes:
      <<: *slow
      VisibilityTimeout: 5
      ContentBasedDeduplication: true
  - name: dead.fifo
`))
	if err != nil {
		t.Fatal(err)
	}
	policy := `{"Statement":[{"Effect":"Allow"}],"Version":"2012-10-17"}`
	want := []*queueSpec{
		{
			name: "orders", line: 2,
			attributes: map[string]string{"VisibilityTimeout": "60", "ReceiveMessageWaitTimeSeconds": "20", "Policy": policy},
			lines:      map[string]int{"VisibilityTimeout": 4, "ReceiveMessageWaitTimeSeconds": 5, "Policy": 6},
			deadLetter: &deadLetter{name: "orders-dlq", maxReceives: 5, line: 7},
			tags:       map[string]string{"team": "shop", "cost": "0012", "hot": "yes"},
		},
		{name: "orders-dlq", line: 9},
		{
			name: "jobs.fifo", line: 10,
			attributes: map[string]string{"VisibilityTimeout": "5", "ContentBasedDeduplication": "true", "ReceiveMessageWaitTimeSeconds": "20", "Policy": policy},
			lines:      map[string]int{"VisibilityTimeout": 14, "ContentBasedDeduplication": 15, "ReceiveMessageWaitTimeSeconds": 5, "Policy": 6},
			deadLetter: &deadLetter{name: "dead.fifo", maxReceives: 3, counted: true, line: 11},
		},
		{name: "dead.fifo", line: 16},
	}
	if len(f.queues) != len(want) {
		t.Fatalf("%d queues, want %d", len(f.queues), len(want))
	}
	for i, q := range f.queues {
		if !reflect.DeepEqual(q, want[i]) {
			t.Errorf("queue %d:\n got %+v\nwant %+v", i, q, want[i])
		}
	}
}

func TestParseQueuesErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "q.yaml: the file is empty; it needs a list named queues"},
		{"comments alone", "# nothing\n", "q.yaml: the file is empty; it needs a list named queues"},
		{"two documents", "queues: []\n---\nqueues: []\n", "q.yaml: expected single document, found multiple"},
		{"not a mapping", "- a\n", `q.yaml:1: the file must be a mapping of keys to values, not a list`},
		{"no list", "{}\n", `q.yaml:1: there is no list named queues`},
		{"unknown key of the file", "queues: []\nqueue: []\n", `q.yaml:2: unknown key "queue"; the file has one, queues`},
		{"queues twice", "queues: []\nqueues: []\n", `q.yaml:2: the file has the key "queues" twice, first on line 1`},
		{"queues a mapping", "queues:\n  a: {}\n", `q.yaml:1: queues must be a list, each line beginning with "-", not a mapping`},
		{"queues empty", "queues:\n", `q.yaml:1: queues must be a list, each line beginning with "-", not nothing`},
		{"indentation", "queues:\n  - name: a\n   tags: {}\n", `q.yaml:3: did not find expected '-' indicator`},
		{"tab", "queues:\n\t- a\n", `q.yaml:2: found character that cannot start any token`},
		{"bracket left open", "queues:\n  - name: a\n    tags: { a: b\n  - name: b\n", `q.yaml:4: did not find expected ',' or '}'`},
		{"unknown anchor", "queues:\n  - *a\n", `q.yaml:2: unknown anchor 'a' referenced`},
		{"not UTF-8", "queues: \xff\n", `q.yaml: invalid leading UTF-8 octet (value: 255)`},
		{"a queue that is a list", "queues:\n  - []\n", `q.yaml:2: a queue must be a mapping of keys to values, not a list`},
		{"a queue that is nothing", "queues:\n  -\n", `q.yaml:2: a queue must be a single value, not nothing`},
		{"no name", "queues:\n  - tags: { a: b }\n", `q.yaml:2: this queue has no name`},
		{"name empty", "queues:\n  - name: \"\"\n", `q.yaml:2: this queue has no name`},
		{"name alone and empty", "queues:\n  - a\n  - \"\"\n", `q.yaml:3: this queue has no name`},
		{"name a list", "queues:\n  - name: [a]\n", `q.yaml:2: name must be a single value, not a list`},
		{"attribute beside the name", "queues:\n  - name: a\n    VisibilityTimeout: 3\n",
			`q.yaml:3: unknown key "VisibilityTimeout"; a queue has name, attributes, deadLetterQueue and tags (what SQS calls an attribute goes under attributes)`},
		{"key twice", "queues:\n  - name: a\n    tags: {}\n    tags: {}\n", `q.yaml:4: a queue has the key "tags" twice, first on line 3`},
		{"key a list", "queues:\n  - [a]: b\n", `q.yaml:2: a key of a queue must be a text, not a list`},
		{"listed twice", "queues:\n  - name: a\n  - b\n  - a\n", `q.yaml:4: queue "a" is listed twice, first on line 2`},
		{"attributes a text", "queues:\n  - name: a\n    attributes: 3\n", `q.yaml:3: attributes must be a mapping of keys to values, not "3"`},
		{"attribute without a value", "queues:\n  - name: a\n    attributes:\n      VisibilityTimeout:\n", `q.yaml:4: VisibilityTimeout must be a single value, not nothing`},
		{"tag a mapping", "queues:\n  - name: a\n    tags:\n      b: { c: d }\n", `q.yaml:4: tag "b" must be a single value, not a mapping`},
		{"merged into itself", "queues:\n  - name: a\n    tags: &t\n      <<: *t\n", `q.yaml:3: tags merges itself with <<, or there are too many of these`},
		{"merges that multiply", multiplying, `q.yaml:3: tags merges too many keys with <<`},
		{"contains itself", "queues:\n  - name: a\n    attributes:\n      Policy: &p\n        a: *p\n", `q.yaml:4: Policy: anchor 'p' value contains itself`},
		{"DLQ not listed", "queues:\n  - name: a\n    deadLetterQueue: b\n", `q.yaml:3: the dead-letter queue "b" of "a" is not in the list: add "- name: b"`},
		{"DLQ without a name", "queues:\n  - name: a\n    deadLetterQueue: { maxReceiveCount: 2 }\n", `q.yaml:3: deadLetterQueue has no name`},
		{"DLQ empty", "queues:\n  - name: a\n    deadLetterQueue:\n", `q.yaml:3: deadLetterQueue must be a single value, not nothing`},
		{"DLQ with another key", "queues:\n  - name: a\n    deadLetterQueue:\n      name: b\n      max: 2\n", `q.yaml:5: unknown key "max"; deadLetterQueue has name and maxReceiveCount`},
		{"count not a number", "queues:\n  - name: a\n    deadLetterQueue: { name: b, maxReceiveCount: many }\n", `q.yaml:3: maxReceiveCount must be a whole number, not "many"`},
		{"two redrive policies", "queues:\n  - name: a\n    deadLetterQueue: b\n    attributes:\n      RedrivePolicy: '{}'\n  - b\n",
			`q.yaml:5: queue "a" has both a RedrivePolicy and a deadLetterQueue; keep one`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f, err := parseQueues("q.yaml", []byte(c.text))
			if err == nil {
				t.Fatalf("no error, but %+v", f.queues)
			}
			if err.Error() != c.want {
				t.Errorf("got  %s\nwant %s", err, c.want)
			}
		})
	}
}

// multiplying is short and has a million keys to merge.
var multiplying = "queues:\n- name: x\n  tags: &a {" + numbered(100) + "}\n- name: y\n  tags: &b\n    <<: [" +
	strings.Repeat("*a, ", 99) + "*a]\n- name: z\n  tags:\n    <<: [" + strings.Repeat("*b, ", 99) + "*b]\n"

// numbered are so many keys.
func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "k%d: v, ", i)
	}
	return b.String()
}

// FuzzParseQueues checks that no text makes the reader panic or hang.
func FuzzParseQueues(f *testing.F) {
	f.Add([]byte("queues:\n  - name: a\n    tags: &t { <<: *t }\n"))
	f.Add([]byte(multiplying))
	f.Add([]byte("queues: [a, { name: b, deadLetterQueue: a }]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := parseQueues("q.yaml", text)
		if (file == nil) == (err == nil) {
			t.Errorf("file %v, error %v", file, err)
		}
	})
}
