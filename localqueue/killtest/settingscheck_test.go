package killtest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// checkSettings compares what a queue's settings are with what they may be.
func (w *worker) checkSettings(c *configured) {
	now, created, ok := w.settingsOf(c.name)
	if !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	defer func() { c.shown = nil }()
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
	shown := ""
	if c.shown != nil {
		shown = fmt.Sprintf("; the request that changed them was not answered, but what it did was shown:\n\t%s\n%s", c.shown, w.book.ends(c.shown))
	}
	w.book.fault("life %d: settings of %s: %s%s", w.life.number, c.name,
		strings.Join(why, "; or, had the request without an answer taken effect, "), shown)
	c.candidates = []settings{now.like(c.candidates[0])}
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

// like are those of s that other has, tags and labels besides.
func (s settings) like(other settings) settings {
	kept := maps.Clone(s)
	maps.DeleteFunc(kept, func(name, _ string) bool {
		_, there := other[name]
		return !there && !strings.Contains(name, " ")
	})
	return kept
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
