package main

import (
	"fmt"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// throughput is the measure of one workload.
func (b *bench) throughput(w workload) error {
	subjects := []subject{b.quayside, b.ceiling}
	switch w.name {
	case "send":
		subjects = append(subjects, b.fixed, b.raw)
	case "batch":
		subjects = append(subjects, b.fixed)
	}
	return b.withPeers(w.name, subjects, func(subjects []subject) error {
		all, err := b.compare(w, subjects)
		if err != nil {
			return err
		}
		b.tabulate(w, subjects, all)
		b.judgeThroughput(w, all[judged])
		return nil
	})
}

// tabulate writes a row for every server and number of connections.
func (b *bench) tabulate(w workload, subjects []subject, all map[int]map[string]*series) {
	t := b.report.Table(fmt.Sprintf("%s (%s)", w.title, w.name),
		"conns", "server", "/s", "x ceiling", "CPU us/"+w.unit, "x ceiling", "x fixed", "client CPU us")
	b.plotThroughput(w)
	for _, n := range connections {
		for _, s := range subjects {
			all[n][s.name].note(b.report, w, s.name, n)
			got, ceiling := all[n][s.name], all[n]["ceiling"]
			fixed := "-"
			if f := all[n]["fixed"]; f != nil {
				fixed = report.Ratio(stats.Ratio(got.server, f.server))
			}
			t.Row(fmt.Sprint(n), s.name, report.Count(stats.Median(got.rate)), report.Ratio(stats.Ratio(got.rate, ceiling.rate)),
				report.Micros(stats.Median(got.server)), report.Ratio(stats.Ratio(got.server, ceiling.server)), fixed, report.Micros(stats.Median(got.client)))
		}
	}
}

// judgeThroughput puts the figures at 16 connections beside their targets.
func (b *bench) judgeThroughput(w workload, at map[string]*series) {
	q, c := at["quayside"], at["ceiling"]
	rates := func(key string, q, c []float64) {
		b.report.Reach(key, report.Count(stats.Median(q))+"/s", report.Count(stats.Median(c))+"/s", stats.Ratio(q, c))
	}
	costs := func(key string, q, c []float64) {
		b.report.Reach(key, report.Micros(stats.Median(q))+" us", report.Micros(stats.Median(c))+" us", stats.Ratio(q, c))
	}
	switch w.name {
	case "send":
		rates("send", q.rate, c.rate)
		costs("send CPU", q.server, at["fixed"].server)
		if g := at["goaws"]; g != nil {
			costs("goaws send CPU", q.server, g.server)
		}
	case "batch":
		rates("batch", q.rate, c.rate)
	case "cycle":
		rates("cycle", q.rate, c.rate)
		if e := at["elasticmq"]; e != nil {
			rates("elasticmq cycle", q.rate, e.rate)
		}
	}
}
