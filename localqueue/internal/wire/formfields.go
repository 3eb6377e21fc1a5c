package wire

import (
	"cmp"
	"iter"
	"net/url"
	"slices"
	"strings"
)

// fields are keys of a form that begin alike, in order: a key is compared part by
// part, as its dots divide it, and numbers by their size. What keys have in common
// thus stands together.
type fields struct {
	list []field
	cut  int // the length of what all keys begin with, its last dot included
}

type field struct{ key, value string }

// maxKey is the length up to which keys are read. The longest of use has 85 bytes,
// with numbers of two digits.
const maxKey = 256

func newFields(form url.Values) fields {
	list := make([]field, 0, len(form))
	for key, values := range form {
		if len(values) > 0 && len(key) <= maxKey {
			list = append(list, field{key, values[0]})
		}
	}
	slices.SortFunc(list, func(a, b field) int { return compareKeys(a.key, b.key) })
	return fields{list: list}
}

// compareKeys orders keys part by part.
func compareKeys(a, b string) int {
	for {
		partA, restA, moreA := strings.Cut(a, ".")
		partB, restB, moreB := strings.Cut(b, ".")
		if c := compareParts(partA, partB); c != 0 {
			return c
		}
		if !moreA || !moreB {
			return cmp.Compare(len(a), len(b)) // the one that ends here is first
		}
		a, b = restA, restB
	}
}

// compareParts puts numbers, in their order, before everything else.
func compareParts(a, b string) int {
	numberA, numberB := isNumber(a), isNumber(b)
	switch {
	case numberA && numberB:
		return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
	case numberA:
		return -1
	case numberB:
		return 1
	}
	return strings.Compare(a, b)
}

// find is the field of that name.
func (f fields) find(name string) (field, bool) {
	i, ok := slices.BinarySearchFunc(f.list, name, f.compare)
	if !ok {
		return field{}, false
	}
	return f.list[i], true
}

// value is what the field of that name says.
func (f fields) value(name string) (string, bool) {
	x, ok := f.find(name)
	return x.value, ok
}

func (f fields) compare(x field, name string) int { return compareKeys(x.rest(f.cut), name) }

// self is the value of the key that all the others continue, "A.1" of "A.1" and
// "A.1.B".
func (f fields) self() (v string, ok bool) {
	if len(f.list) > 0 && len(f.list[0].key) < f.cut {
		return f.list[0].value, true
	}
	return "", false
}

// under is the fields whose next part is name, with self.
func (f fields) under(name string) fields {
	i, _ := slices.BinarySearchFunc(f.list, name, f.compare)
	n := 0
	for n < len(f.list)-i && f.list[i+n].part(f.cut) == name {
		n++
	}
	return fields{f.list[i : i+n], f.cut + len(name) + 1}
}

// elements are the fields of each number under name, in order.
func (f fields) elements(name string) iter.Seq[fields] {
	return func(yield func(fields) bool) {
		f := f.under(name)
		for len(f.list) > 0 {
			part := f.list[0].part(f.cut)
			n := 1
			for n < len(f.list) && f.list[n].part(f.cut) == part {
				n++
			}
			if isNumber(part) && !yield(fields{f.list[:n], f.cut + len(part) + 1}) {
				return
			}
			f.list = f.list[n:]
		}
	}
}

// rest is the key without what it has in common with others.
func (x field) rest(cut int) string { return x.key[min(cut, len(x.key)):] }

// part is the first part of rest.
func (x field) part(cut int) string {
	part, _, _ := strings.Cut(x.rest(cut), ".")
	return part
}

// isNumber reports whether a part of a key numbers an element: digits, with no
// zero before them, so that no number has two spellings.
func isNumber(part string) bool {
	for i := range len(part) {
		if !isDigit(part[i]) {
			return false
		}
	}
	return part != "" && (part[0] != '0' || part == "0")
}
