package main

import (
	"cmp"
	"fmt"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// throughput is the measure of one workload.
func (b *bench) throughput(w workload) error {
	subjects := []subject{b.quayside, b.durable, b.ceiling}
	switch w.name {
	case "send":
		subjects = append(subjects, b.fixed, b.raw)
	case "batch":
		subjects = append(subjects, b.fixed)
	}
	subjects = append(subjects, b.peers...)
	all, err := b.compare(w, subjects)
	if err != nil {
		return err
	}
	b.tabulate(w, subjects, all)
	b.judgeThroughput(w, all[judged])
	return nil
}

// reached is the series of a lane; nil: there is none, or it failed.
func (l *lane) reached() *series {
	if l == nil || l.failed != "" {
		return nil
	}
	return &l.series
}

// failedRow is the row of a server that failed, of which the output says more.
func failedRow(t report.Table, columns int, l *lane, first ...string) {
	row := append(first, "failed") // it did not even start
	if l != nil {
		row[len(row)-1] = cmp.Or(l.failed, "-")
	}
	for len(row) < columns {
		row = append(row, "-")
	}
	t.Row(row...)
}

// tabulate writes a row for every server and number of connections.
func (b *bench) tabulate(w workload, subjects []subject, all map[int]map[string]*lane) {
	columns := []string{"conns", "server", "/s", "x ceiling", "CPU us/" + w.unit, "x ceiling", "x fixed", "client CPU us"}
	t := b.report.Table(fmt.Sprintf("%s (%s)", w.title, w.name), columns...)
	b.plotThroughput(w)
	for _, n := range connections {
		for _, s := range subjects {
			got, ceiling := all[n][s.name].reached(), all[n]["ceiling"].reached()
			if got == nil {
				failedRow(t, len(columns), all[n][s.name], fmt.Sprint(n), s.name)
				continue
			}
			got.note(b.report, w, s.name, n)
			fixed := "-"
			if f := all[n]["fixed"].reached(); f != nil {
				fixed = report.Ratio(stats.Ratio(got.server, f.server))
			}
			t.Row(fmt.Sprint(n), s.name, report.Count(stats.Median(got.rate)), report.Ratio(stats.Ratio(got.rate, ceiling.rate)),
				report.Micros(stats.Median(got.server)), report.Ratio(stats.Ratio(got.server, ceiling.server)), fixed, report.Micros(stats.Median(got.client)))
		}
	}
}

// judgeThroughput puts the figures at 16 connections beside their targets.
func (b *bench) judgeThroughput(w workload, at map[string]*lane) {
	q, c := at["quayside"].reached(), at["ceiling"].reached()
	rates := func(key string, c *series) {
		if c != nil {
			b.report.Reach(key, report.Count(stats.Median(q.rate))+"/s", report.Count(stats.Median(c.rate))+"/s", stats.Ratio(q.rate, c.rate))
		}
	}
	costs := func(key string, c *series) {
		if c != nil {
			b.report.Reach(key, report.Micros(stats.Median(q.server))+" us", report.Micros(stats.Median(c.server))+" us", stats.Ratio(q.server, c.server))
		}
	}
	switch w.name {
	case "send":
		rates("send", c)
		costs("send CPU", at["fixed"].reached())
		costs("goaws send CPU", at["goaws"].reached())
	case "batch":
		rates("batch", c)
	case "cycle":
		rates("cycle", c)
		rates("elasticmq cycle", at["elasticmq"].reached())
	}
}
