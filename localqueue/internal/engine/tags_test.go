package engine

import (
	"fmt"
	"maps"
	"strings"
	"testing"
)

func TestTags(t *testing.T) {
	t.Parallel()
	e := newRegistry()
	q := mustCreate(t, e, "q")
	refused(t, "none", e.Tag(testNow, q, nil), CodeMissingParameter, "The request must contain the parameter Tags.")
	refused(t, "two", e.Tag(testNow, q, setting("a", "1", "b", "")), "", "")
	before := q.Tags
	refused(t, "over", e.Tag(testNow+second, q, setting("a", "2", "A", "3")), "", "")
	if want := setting("a", "2", "A", "3", "b", ""); !maps.Equal(q.Tags, want) {
		t.Errorf("tags %v, want %v", q.Tags, want)
	}
	if want := setting("a", "1", "b", ""); !maps.Equal(before, want) {
		t.Errorf("a map that was handed out changed to %v", before)
	}
	e.Untag(testNow, q, []string{"a", "none"})
	if want := setting("A", "3", "b", ""); !maps.Equal(q.Tags, want) {
		t.Errorf("tags %v, want %v", q.Tags, want)
	}
	e.Untag(testNow, q, []string{"A", "b"})
	e.Untag(testNow, q, []string{"A"})
	if q.Tags != nil {
		t.Errorf("tags %v, want nil", q.Tags)
	}
	if q.Modified != testNow {
		t.Error("tags are no attributes, and yet Modified moved")
	}
}

func TestTagLimits(t *testing.T) {
	t.Parallel()
	const (
		key   = "Tag keys must be between 1 and 128 characters in length."
		value = "Tag values must be between 0 and 256 characters in length."
		many  = "Too many tags added for queue q."
	)
	some := func(n int) map[string]string {
		tags := make(map[string]string)
		for i := range n {
			tags[fmt.Sprint("tag", i)] = "x"
		}
		return tags
	}
	for _, c := range []struct {
		what string
		tags map[string]string
		text string
	}{
		{"a long key", setting(strings.Repeat("ä", 128), ""), ""},
		{"too long a key", setting(strings.Repeat("k", 129), ""), key},
		{"an empty key", setting("", "x"), key},
		{"a long value", setting("k", strings.Repeat("ä", 256)), ""},
		{"too long a value", setting("k", strings.Repeat("v", 257)), value},
		{"fifty", some(50), ""},
		{"fifty-one", some(51), many},
	} {
		code := ""
		if c.text != "" {
			code = CodeInvalidParameterValue
		}
		e := newRegistry()
		_, err := e.Create(testNow, named("q"), nil, c.tags)
		refused(t, "Create with "+c.what, err, code, c.text)
		q := mustCreate(t, e, "q")
		refused(t, "Tag with "+c.what, e.Tag(testNow, q, c.tags), code, c.text)
	}
	e := newRegistry()
	q := mustCreate(t, e, "q")
	refused(t, "fifty", e.Tag(testNow, q, some(50)), "", "")
	refused(t, "the same again", e.Tag(testNow, q, some(50)), "", "")
	refused(t, "one more", e.Tag(testNow, q, setting("more", "")), CodeInvalidParameterValue, many)
	if len(q.Tags) != 50 {
		t.Errorf("%d tags, want 50", len(q.Tags))
	}
}
