package killtest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// settings are what a queue was told to be, by name: attributes, tags as "tag NAME",
// statements of its policy as "label NAME".
type settings map[string]string

// configured is a queue whose settings change. Each of the candidates explains all
// that was answered; there is more than one after a change without an answer.
type configured struct {
	name       string
	candidates []settings
	created    string // CreatedTimestamp
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
		s.clients = append(s.clients, func(w *worker) { w.configure(c) })
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
	url := w.url(c.name)
	after := maps.Clone(c.candidates[0])
	o := w.begin()
	switch n := w.rng.IntN(100); {
	case n < 35:
		values := w.drawAttributes()
		maps.Copy(after, values)
		ask(w, o, w.sqs.SetQueueAttributes, &sqs.SetQueueAttributesInput{QueueUrl: url, Attributes: values})
	case n < 55:
		tags := map[string]string{}
		for range 1 + w.rng.IntN(3) {
			name, value := fmt.Sprintf("t%d", w.rng.IntN(10)), fmt.Sprintf("value %d é", w.rng.IntN(1000))
			tags[name], after["tag "+name] = value, value
		}
		ask(w, o, w.sqs.TagQueue, &sqs.TagQueueInput{QueueUrl: url, Tags: tags})
	case n < 65:
		name := fmt.Sprintf("t%d", w.rng.IntN(10))
		delete(after, "tag "+name)
		ask(w, o, w.sqs.UntagQueue, &sqs.UntagQueueInput{QueueUrl: url, TagKeys: []string{name}})
	case n < 80:
		w.permit(o, url, after)
	default:
		w.checkSettings(c)
		return
	}
	w.unexpected(o, "a change of "+c.name)
	switch o.fate {
	case done:
		c.candidates = []settings{after}
	case lost:
		c.candidates = append(c.candidates, after)
	}
}

// permit adds a statement to the policy, or removes it if it is there.
func (w *worker) permit(o *op, url *string, after settings) {
	label := fmt.Sprintf("L%d", w.rng.IntN(5))
	if _, there := after["label "+label]; there {
		delete(after, "label "+label)
		ask(w, o, w.sqs.RemovePermission, &sqs.RemovePermissionInput{QueueUrl: url, Label: &label})
		return
	}
	after["label "+label] = ""
	ask(w, o, w.sqs.AddPermission, &sqs.AddPermissionInput{
		QueueUrl: url, Label: &label, AWSAccountIds: []string{"123456789012"}, Actions: []string{"SendMessage"},
	})
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

// checkSettings compares what a queue's settings are with what they may be.
func (w *worker) checkSettings(c *configured) {
	now, created, ok := w.settingsOf(c.name)
	if !ok {
		return
	}
	if c.created == "" {
		c.created = created
	}
	if c.created != created {
		w.book.fault("life %d: CreatedTimestamp of %s is %s, and was %s before", w.life.number, c.name, created, c.created)
	}
	var why []string
	for _, s := range c.candidates {
		wrong := s.wrong(now)
		if wrong == "" {
			c.candidates = []settings{s}
			return
		}
		why = append(why, wrong)
	}
	w.book.fault("life %d: settings of %s: %s", w.life.number, c.name, strings.Join(why, "; or, had the request without an answer taken effect, "))
}

// wrong says what of now is not as s has it.
func (s settings) wrong(now settings) string {
	var found []string
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if value, there := now[name]; !there || value != s[name] {
			found = append(found, fmt.Sprintf("%s is %q (set: %t) instead of %q", name, value, there, s[name]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(now)) {
		if _, there := s[name]; !there && strings.Contains(name, " ") {
			found = append(found, fmt.Sprintf("%s is there", name))
		}
	}
	return strings.Join(found, ", ")
}

// settingsOf reads the settings of a queue, and when it was made.
func (w *worker) settingsOf(name string) (now settings, created string, ok bool) {
	o, url := w.begin(), w.url(name)
	attributes := ask(w, o, w.sqs.GetQueueAttributes, &sqs.GetQueueAttributesInput{QueueUrl: url, AttributeNames: []types.QueueAttributeName{"All"}})
	w.unexpected(o, "GetQueueAttributes of "+name)
	o = w.begin()
	tags := ask(w, o, w.sqs.ListQueueTags, &sqs.ListQueueTagsInput{QueueUrl: url})
	w.unexpected(o, "ListQueueTags of "+name)
	if attributes == nil || tags == nil {
		return nil, "", false
	}
	now = maps.Clone(attributes.Attributes)
	for name, value := range tags.Tags {
		now["tag "+name] = value
	}
	var policy struct{ Statement []struct{ Sid string } }
	if text := now["Policy"]; text != "" {
		if err := json.Unmarshal([]byte(text), &policy); err != nil {
			w.book.fault("the policy of %s: %v: %s", name, err, text)
		}
	}
	for _, s := range policy.Statement {
		now["label "+s.Sid] = ""
	}
	return now, attributes.Attributes["CreatedTimestamp"], true
}
