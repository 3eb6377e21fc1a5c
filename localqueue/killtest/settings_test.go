package killtest_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// settings are what a queue was told to be, by name: attributes, tags as "tag NAME",
// statements of its policy as "label NAME".
type settings map[string]string

// configured is a queue whose settings change. Each of the candidates explains all
// that was answered; there is more than one after a change without an answer.
type configured struct {
	name string

	mu         sync.Mutex // guards what follows
	candidates []settings
	created    string   // CreatedTimestamp
	change     settings // what a request under way makes of them; nil: there is none
	asked      *op      // that request
	shown      *op      // an answer that had it so already
}

// configuration has queues without messages, whose settings change.
func configuration() *scene {
	s := newScene("configuration")
	s.silent = true
	var all []*configured
	for _, name := range []string{"set-a", "set-b.fifo"} {
		q := s.add(&queue{name: name, fifo: strings.HasSuffix(name, ".fifo")})
		c := &configured{name: name, candidates: []settings{{"VisibilityTimeout": q.attributes()["VisibilityTimeout"]}}}
		all = append(all, c)
		s.clients = append(s.clients, func(w *worker) { w.configure(c) }, func(w *worker) { w.watch(c) })
	}
	s.before = func(w *worker) {
		for _, c := range all {
			w.checkSettings(c)
		}
	}
	return s
}

// configure makes one change, or looks.
func (w *worker) configure(c *configured) {
	n := w.rng.IntN(100)
	if n >= 80 {
		w.checkSettings(c)
		return
	}
	after := maps.Clone(c.candidates[0])
	o, request := w.begin(), w.drawChange(n, c.name, after)
	c.mu.Lock()
	c.change, c.asked, c.shown = after, o, nil
	c.mu.Unlock()
	request(o)
	w.unexpected(o, "a change of "+c.name)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case o.fate == done, o.fate == lost && c.shown != nil:
		c.candidates = []settings{after}
	case o.fate == lost:
		c.candidates = append(c.candidates, after)
	}
	c.change = nil
}

// drawChange draws a change of the kind n of 80, makes it in after, and returns the
// request for it.
func (w *worker) drawChange(n int, name string, after settings) func(*op) {
	url := w.url(name)
	switch {
	case n < 35:
		values := w.drawAttributes()
		maps.Copy(after, values)
		return func(o *op) {
			ask(w, o, w.sqs.SetQueueAttributes, &sqs.SetQueueAttributesInput{QueueUrl: url, Attributes: values})
		}
	case n < 55:
		tags := map[string]string{}
		for range 1 + w.rng.IntN(3) {
			tag, value := fmt.Sprintf("t%d", w.rng.IntN(10)), fmt.Sprintf("value %d é", w.rng.IntN(1000))
			tags[tag], after["tag "+tag] = value, value
		}
		return func(o *op) { ask(w, o, w.sqs.TagQueue, &sqs.TagQueueInput{QueueUrl: url, Tags: tags}) }
	case n < 65:
		tag := fmt.Sprintf("t%d", w.rng.IntN(10))
		delete(after, "tag "+tag)
		return func(o *op) { ask(w, o, w.sqs.UntagQueue, &sqs.UntagQueueInput{QueueUrl: url, TagKeys: []string{tag}}) }
	}
	return w.permit(url, after)
}

// watch looks while others change the settings: what it was shown of a change must stay,
// whether or not the change itself is answered.
func (w *worker) watch(c *configured) {
	o := w.begin()
	now, _, ok := w.settingsOf(c.name)
	c.mu.Lock()
	if ok && c.change != nil && o.begin > c.asked.begin && c.change.wrong(now) == "" && c.candidates[0].wrong(now) != "" {
		o.end, o.fate = w.book.now(), done
		c.shown = o
	}
	c.mu.Unlock()
	w.pause(time.Millisecond)
}

// permit adds a statement to the policy, or removes it if it is there.
func (w *worker) permit(url *string, after settings) func(*op) {
	label := fmt.Sprintf("L%d", w.rng.IntN(5))
	if _, there := after["label "+label]; there {
		delete(after, "label "+label)
		return func(o *op) {
			ask(w, o, w.sqs.RemovePermission, &sqs.RemovePermissionInput{QueueUrl: url, Label: &label})
		}
	}
	after["label "+label] = ""
	return func(o *op) {
		ask(w, o, w.sqs.AddPermission, &sqs.AddPermissionInput{
			QueueUrl: url, Label: &label, AWSAccountIds: []string{"123456789012"}, Actions: []string{"SendMessage"},
		})
	}
}

// drawAttributes draws new values of some attributes.
func (w *worker) drawAttributes() map[string]string {
	within := map[string][2]int{
		"DelaySeconds": {0, 900}, "MaximumMessageSize": {1024, 1 << 20}, "MessageRetentionPeriod": {60, 1209600},
		"ReceiveMessageWaitTimeSeconds": {0, 20}, "VisibilityTimeout": {0, 43200},
	}
	values := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(within)) {
		if chance(w.rng, 40) {
			values[name] = strconv.Itoa(within[name][0] + w.rng.IntN(within[name][1]-within[name][0]+1))
		}
	}
	if chance(w.rng, 20) {
		values["KmsMasterKeyId"] = fmt.Sprintf("alias/key-%d", w.rng.IntN(100))
	}
	if chance(w.rng, 20) {
		values["RedriveAllowPolicy"] = fmt.Sprintf(`{"redrivePermission":%q}`, pick(w.rng, "allowAll", "denyAll"))
	}
	if len(values) == 0 {
		values["DelaySeconds"] = strconv.Itoa(w.rng.IntN(900))
	}
	return values
}
