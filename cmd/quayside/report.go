package main

import (
	"fmt"

	"github.com/quayside-go/quayside/localqueue"
)

// report is an inspection as JSON.
type report struct {
	Dir         string          `json:"dir"`
	Messages    int             `json:"messages"`
	Bytes       int64           `json:"bytes"`
	Cut         string          `json:"cut"` // "": the log ended as it should
	TookSeconds float64         `json:"tookSeconds"`
	Queues      []queueReport   `json:"queues"`
	Segments    []segmentReport `json:"segments"`
	Damage      *damageReport   `json:"damage"` // null: none
}

type queueReport struct {
	Name                 string  `json:"name"`
	Account              string  `json:"account"`
	Region               string  `json:"region"`
	FIFO                 bool    `json:"fifo"`
	Visible              int     `json:"visible"`
	InFlight             int     `json:"inFlight"`
	Delayed              int     `json:"delayed"`
	OldestMessageSeconds float64 `json:"oldestMessageSeconds"` // 0: there is none
}

type segmentReport struct {
	File   string `json:"file"`
	Bytes  int64  `json:"bytes"`
	Live   int64  `json:"live"` // bytes of what is still needed
	Sealed bool   `json:"sealed"`
}

type damageReport struct {
	File   string `json:"file"`
	Offset int64  `json:"offset"`
	Reason string `json:"reason"`
}

func newReport(dir string, found localqueue.Inspection) report {
	r := report{
		Dir: dir, Messages: found.Messages, Bytes: found.Bytes, Cut: found.Cut, TookSeconds: found.Took.Seconds(),
		Queues: []queueReport{}, Segments: []segmentReport{},
	}
	for _, q := range found.Stats {
		r.Queues = append(r.Queues, queueReport{
			q.Name, q.Account, q.Region, q.FIFO, q.Visible, q.InFlight, q.Delayed, q.OldestMessage.Seconds(),
		})
	}
	for _, s := range found.Segments {
		r.Segments = append(r.Segments, segmentReport{segmentFile(s), s.Bytes, s.Live, s.Sealed})
	}
	if d := found.Damage; d != nil {
		r.Damage = &damageReport{d.File, d.Offset, d.Reason}
	}
	return r
}

// segmentFile is the name of a segment's file.
func segmentFile(s localqueue.SegmentInfo) string { return fmt.Sprintf("%08x.log", s.Number) }
