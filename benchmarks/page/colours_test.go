package main

import (
	"image/color"
	"strings"
	"testing"
)

// A subject has its colour in every plot, and no two of a plot have the same.
func TestColours(t *testing.T) {
	t.Parallel()
	c := newColours()
	first := c.plot([]string{"stranger", "quayside", "goaws"})
	if first["quayside"] != named["quayside"] || first["goaws"] != named["goaws"] {
		t.Errorf("got %v", first)
	}
	for _, subjects := range [][]string{
		{"quayside, woken", "quayside, round trip", "stranger"},
		{"newcomer", "stranger"},
		{"a", "b", "c", "d", "e", "f", "g", "h"},
	} {
		seen := map[color.RGBA]string{}
		for _, s := range subjects {
			rgba := c.plot(subjects)[s]
			if other, ok := seen[rgba]; ok || rgba.A == 0 {
				t.Errorf("%s has the colour %v, which %q has", s, rgba, other)
			}
			seen[rgba] = s
		}
	}
	c.plot([]string{"10 handlers", "64 handlers"}) // the second is orange
	if got := c.plot([]string{"64 handlers", "goaws"})["goaws"]; got != named["goaws"] {
		t.Errorf("goaws is %v, and was %v", got, named["goaws"])
	}
	crowd := strings.Split("a b c d e f g h i j k l", " ")
	if got := c.plot(crowd)["l"]; got.A == 0 {
		t.Error("one of a crowd cannot be seen")
	}
	if got := c.plot([]string{"newcomer", "stranger"})["stranger"]; got != first["stranger"] {
		t.Errorf("the stranger is %v, and was %v", got, first["stranger"])
	}
}
