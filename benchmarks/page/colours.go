package main

import (
	"image/color"
	"strings"
)

// named are the colours of those who are compared in several plots. Quayside is blue, its yardsticks are
// grey, and others are neither.
var named = map[string]color.RGBA{
	"quayside": rgb(0x0072b2), "durable": rgb(0x0072b2), "Send": rgb(0x0072b2), "sqshttp": rgb(0x0072b2),
	"in memory": rgb(0x56b4e9), "SendAsync": rgb(0x56b4e9),
	"SendAll": rgb(0x003d66),
	"ceiling": rgb(0x8a8a8a), "bare calls": rgb(0x8a8a8a), "SendMessageBatch": rgb(0x8a8a8a), "the SDK's own": rgb(0x8a8a8a),
	"fixed": rgb(0xb9b9b9), "SendMessage": rgb(0xb9b9b9),
	"raw":                  rgb(0x4d4d4d),
	"bare calls, one loop": rgb(0xb9b9b9), "bare calls, handlers in goroutines": rgb(0x4d4d4d),
	"careful loops": rgb(0x8a8a8a), "naive loop": rgb(0xb9b9b9), "quayside, Prefetch": rgb(0x56b4e9),
	"gocloud": rgb(0xe69f00), "gocloud, WaitTime": rgb(0xd55e00),
	"quayside Send": rgb(0x0072b2), "quayside SendAll, 64 requests": rgb(0x003d66),
	"gocloud Send": rgb(0xe69f00), "gocloud Send, MaxHandlers 8": rgb(0xd55e00),
	"quayside --dir": rgb(0x56b4e9),
	"goaws":          rgb(0xe69f00), "elasticmq": rgb(0xd55e00), "localstack": rgb(0x009e73), "moto": rgb(0xcc79a7), "ministack": rgb(0x6a51a3),
	"pebble": rgb(0x009e73), "pebble-group": rgb(0x74c9ae),
	"bbolt": rgb(0xb35c93), "bbolt-group": rgb(0xe2a9cc),
	"sqlite":              rgb(0xd55e00),
	"quayside in process": rgb(0x0072b2), "quayside over HTTP": rgb(0x56b4e9),
	"engine": rgb(0x0072b2), "localqueue": rgb(0x0072b2), "FIFO": rgb(0x0072b2),
	"objects": rgb(0x8a8a8a), "naive": rgb(0x8a8a8a), "MD5 alone": rgb(0x8a8a8a), "standard, without groups": rgb(0x8a8a8a),
	"a copy and 2 locks": rgb(0x4d4d4d), "SendMessageBatch, 16 loops": rgb(0x4d4d4d),
}

// others are the colours of everybody else.
var others = []color.RGBA{
	rgb(0x0072b2), rgb(0xe69f00), rgb(0x009e73), rgb(0xd55e00), rgb(0xcc79a7), rgb(0x56b4e9),
	rgb(0x8a6d3b), rgb(0x6a51a3), rgb(0x8a8a8a), rgb(0x3b7a57),
}

func rgb(v uint32) color.RGBA { return color.RGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 255} }

// colours are those of a page: a subject has the same in every plot, unless another of the plot has it.
type colours struct{ of map[string]color.RGBA }

func newColours() *colours { return &colours{map[string]color.RGBA{}} }

// plot returns the colours of the subjects of one plot. Those come first whose colour is known.
func (c *colours) plot(subjects []string) map[string]color.RGBA {
	of, taken := map[string]color.RGBA{}, map[color.RGBA]bool{}
	for _, wish := range []func(subject string) []color.RGBA{
		func(s string) []color.RGBA { return known(named, s) },
		func(s string) []color.RGBA { who, _, _ := strings.Cut(s, ","); return known(named, who) },
		func(s string) []color.RGBA { return known(c.of, s) },
		func(string) []color.RGBA { return others },
	} {
		for _, s := range subjects {
			for _, rgba := range wish(s) {
				if _, has := of[s]; !has && !taken[rgba] {
					of[s], taken[rgba] = rgba, true
				}
			}
		}
	}
	for _, s := range subjects {
		if _, has := of[s]; !has {
			of[s] = ink // there are more than can be told apart
		}
		c.of[s] = of[s]
	}
	return of
}

func known(of map[string]color.RGBA, subject string) []color.RGBA {
	if rgba, ok := of[subject]; ok {
		return []color.RGBA{rgba}
	}
	return nil
}
