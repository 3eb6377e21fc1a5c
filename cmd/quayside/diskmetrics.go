package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/quayside-go/quayside/localqueue"
)

// diskCollector reads the figures of the disk when they are asked for.
type diskCollector struct {
	stats func() localqueue.DiskStats
}

// diskMetric is one of them.
type diskMetric struct {
	desc  *prometheus.Desc
	value func(localqueue.DiskStats) float64
}

func newDiskMetric(name, help string, value func(localqueue.DiskStats) float64) diskMetric {
	return diskMetric{prometheus.NewDesc("quayside_"+name, help, nil, nil), value}
}

var diskMetrics = []diskMetric{
	newDiskMetric("log_segments", "Files of the log that were written to.",
		func(d localqueue.DiskStats) float64 { return float64(d.Segments) }),
	newDiskMetric("log_bytes", "Bytes written to them.",
		func(d localqueue.DiskStats) float64 { return float64(d.Bytes) }),
	newDiskMetric("log_live_bytes", "Bytes of these that are still needed, about.",
		func(d localqueue.DiskStats) float64 { return float64(d.Live) }),
	newDiskMetric("disk_full", "1 while the disk has no room for what is to be written, else 0.",
		func(d localqueue.DiskStats) float64 {
			if d.Full {
				return 1
			}
			return 0
		}),
}

func (c diskCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, m := range diskMetrics {
		ch <- m.desc
	}
}

func (c diskCollector) Collect(ch chan<- prometheus.Metric) {
	d := c.stats()
	for _, m := range diskMetrics {
		ch <- prometheus.MustNewConstMetric(m.desc, prometheus.GaugeValue, m.value(d))
	}
}
