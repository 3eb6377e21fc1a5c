package foreign_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"
)

// row is one step of one client.
type row struct {
	client, step string
	why          string // it failed; empty if it did not
	took         time.Duration
}

// table collects the rows of clients that run side by side.
type table struct {
	mu   sync.Mutex
	rows map[string][]row // by client
	seen []string         // the clients, in order of their first row
}

func (x *table) add(r row) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.rows == nil {
		x.rows = make(map[string][]row)
	}
	if x.rows[r.client] == nil {
		x.seen = append(x.seen, r.client)
	}
	x.rows[r.client] = append(x.rows[r.client], r)
}

// log prints a line per client and step.
func (x *table) log(t *testing.T) {
	x.mu.Lock()
	defer x.mu.Unlock()
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, client := range x.seen {
		for _, r := range x.rows[client] {
			outcome := "ok"
			if r.why != "" {
				outcome = "FAIL: " + r.why
			}
			fmt.Fprintf(w, "%s\t%s\t%.2f s\t%s\n", r.client, r.step, r.took.Seconds(), outcome)
		}
	}
	w.Flush()
	t.Logf("every client and step:\n%s", text.String())
}
