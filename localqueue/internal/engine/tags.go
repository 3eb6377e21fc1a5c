package engine

import (
	"maps"
	"slices"
	"unicode/utf8"
)

// Limits of the tags of a queue, in characters.
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

// Tag adds tags to q, over those of the same key.
func (e *Engine) Tag(now Time, q *Queue, tags map[string]string) error {
	if len(tags) == 0 {
		return Errorf(CodeMissingParameter, "The request must contain the parameter Tags.")
	}
	merged := maps.Clone(q.Tags)
	if merged == nil {
		merged = make(map[string]string, len(tags))
	}
	maps.Copy(merged, tags)
	if err := checkTags(q.Name.Queue, merged); err != nil {
		return err
	}
	e.change(now, q, func() { q.Tags = merged })
	return nil
}

// Untag removes tags from q. A key that is not there is no error.
func (e *Engine) Untag(now Time, q *Queue, keys []string) {
	left := maps.Clone(q.Tags)
	for _, key := range keys {
		delete(left, key)
	}
	if len(left) == 0 {
		left = nil
	}
	e.change(now, q, func() { q.Tags = left })
}

func checkTags(queue string, tags map[string]string) error {
	if len(tags) > maxTags {
		return Errorf(CodeInvalidParameterValue, "Too many tags added for queue %s.", queue)
	}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		if n := utf8.RuneCountInString(key); n < 1 || n > maxTagKey {
			return Errorf(CodeInvalidParameterValue, "Tag keys must be between 1 and %d characters in length.", maxTagKey)
		}
		if !utf8.ValidString(key) || !utf8.ValidString(tags[key]) {
			return Errorf(CodeInvalidParameterValue, "Tag keys and values must be UTF-8.")
		}
		if utf8.RuneCountInString(tags[key]) > maxTagValue {
			return Errorf(CodeInvalidParameterValue, "Tag values must be between 0 and %d characters in length.", maxTagValue)
		}
	}
	return nil
}
