package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestWithPeers(t *testing.T) {
	t.Parallel()
	broken, lost := errors.New("broken"), errors.New("lost")
	for _, c := range []struct {
		name  string
		fails map[string]error
		want  error
		left  string // who was compared in the end
		says  string
	}{
		{"all is well", nil, nil, "quayside goaws elasticmq", ""},
		{"a peer fails", map[string]error{"goaws": broken}, nil, "quayside elasticmq", "SKIPPED send, goaws: broken"},
		{"all peers fail", map[string]error{"goaws": broken, "elasticmq": lost}, nil, "quayside", "SKIPPED send, elasticmq: lost"},
		{"quayside fails", map[string]error{"quayside": lost}, lost, "quayside goaws elasticmq", ""},
	} {
		var out strings.Builder
		b := tiny(t, &out)
		b.peers = []subject{{name: "goaws"}, {name: "elasticmq"}}
		var left []string
		err := b.withPeers("send", []subject{{name: "quayside"}}, func(all []subject) error {
			left = nil
			for _, x := range all {
				left = append(left, x.name)
			}
			for _, x := range all {
				if err := c.fails[x.name]; err != nil {
					return fmt.Errorf("a round: %w", &failure{x.name, err})
				}
			}
			return nil
		})
		if !errors.Is(err, c.want) || strings.Join(left, " ") != c.left || !strings.Contains(out.String(), c.says) {
			t.Errorf("%s: %v, compared %v, said %q", c.name, err, left, &out)
		}
	}
}
