package main

import (
	"strings"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// documents are read or written by both, each a benchmark of localqueue/internal/wire: the names are those of the
// codec's and of encoding/json's, with the kind of body still to come.
var documents = []struct{ what, way, codec, standard string }{
	{"SendMessage, read", "read", "DecodeSend/%/wire", "DecodeSend/%/encoding-json"},
	{"SendMessageBatch of 10, read", "read", "DecodeSendBatch10/%/wire", "DecodeSendBatch10/%/encoding-json"},
	{"ReceiveMessage of 10, written", "written", "WriteReceive10/JSON/%", "WriteReceive10/encoding-json/%"},
}

// codec measures the JSON codec beside encoding/json. The worst document is judged.
func (b *bench) codec() error {
	bodies := []string{"plain", "escaped"}
	var lanes []*lane
	for _, body := range bodies {
		for _, d := range documents {
			for _, name := range []string{d.codec, d.standard} {
				lanes = append(lanes, b.benchmark(b.binaries.wire, strings.Replace(name, "%", body, 1), b.plan.time.String()))
			}
		}
	}
	if err := b.race("codec", lanes...); err != nil {
		return err
	}
	t := b.report.Table("JSON, bodies of 1 KB: of a document", "document", "bodies", "us", "encoding/json, us", "x", "allocations", "encoding/json's")
	for _, body := range bodies {
		worst, most := map[string]judged{}, 0.0
		for _, d := range documents {
			codec, standard := lanes[0], lanes[1]
			lanes = lanes[2:]
			took, its, allocs := codec.of("sec/op"), standard.of("sec/op"), codec.of("allocs/op")
			x := stats.Ratio(its, took)
			t.Row(d.what, body, report.Micros(stats.Median(took)), report.Micros(stats.Median(its)), report.Ratio(x), number(allocs), number(standard.of("allocs/op")))
			at := report.Under(body)
			b.report.Note("codec", d.what, at, "time", "s/document", took...)
			b.report.Note("codec", d.what+", encoding/json", at, "time", "s/document", its...)
			if w, ok := worst[d.way]; !ok || x < w.ratio {
				worst[d.way] = judged{report.Micros(stats.Median(took)) + " us (" + d.what + ")", report.Micros(stats.Median(its)) + " us", x}
			}
			most = max(most, stats.Median(allocs))
		}
		for way, w := range worst {
			b.report.Reach("codec "+way+" "+body, w.figure, w.yardstick, w.ratio)
		}
		b.report.Reach("codec allocations "+body, report.Written(most, "%.1f"), "0", most)
	}
	return nil
}

// judged is the worst of several.
type judged struct {
	figure, yardstick string
	ratio             float64
}
