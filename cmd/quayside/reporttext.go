package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/quayside-go/quayside/localqueue"
)

// printText prints the inspection for people: a line, a table of the queues, a table
// of the files, and how the log ends. Counts are plain numbers, one table after the
// other, so that awk can read them too.
func printText(w io.Writer, dir string, found localqueue.Inspection) error {
	var b strings.Builder
	var written int64
	for _, s := range found.Segments {
		written += s.Bytes
	}
	fmt.Fprintf(&b, "%s: %s, %s, %s in %s; read in %v\n", dir, count(len(found.Stats), "queue"),
		count(found.Messages, "message"), size(written), count(len(found.Segments), "segment"), found.Took.Round(time.Millisecond))
	queueTable(&b, found.Stats)
	segmentTable(&b, found.Segments)
	switch {
	case found.Damage != nil:
		fmt.Fprintf(&b, "\ndamage: %s\nwhat is told above stands before it; how much stands behind it is not known\n", where(found.Damage))
	case found.Cut != "":
		fmt.Fprintf(&b, "\na crash left the end unfinished; the next start cuts it off: %s\n", found.Cut)
	default:
		b.WriteString("\nthe log ends as it should\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func queueTable(w io.Writer, queues []localqueue.QueueStats) {
	if len(queues) == 0 {
		return
	}
	fmt.Fprintln(w)
	t := table(w)
	fmt.Fprintln(t, "QUEUE\tVISIBLE\tIN FLIGHT\tDELAYED\tOLDEST\tACCOUNT\tREGION")
	for _, q := range queues {
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%s\t%s\t%s\n", q.Name, q.Visible, q.InFlight, q.Delayed, age(q), q.Account, q.Region)
	}
	_ = t.Flush() // to a strings.Builder: cannot fail
}

func segmentTable(w io.Writer, segments []localqueue.SegmentInfo) {
	if len(segments) == 0 {
		return
	}
	fmt.Fprintln(w)
	t := table(w)
	fmt.Fprintln(t, "SEGMENT\tBYTES\tLIVE\tSTATE")
	for _, s := range segments {
		state := "written to"
		if s.Sealed {
			state = "full"
		}
		fmt.Fprintf(t, "%s\t%d\t%.0f%%\t%s\n", segmentFile(s), s.Bytes, 100*float64(min(s.Live, s.Bytes))/float64(max(s.Bytes, 1)), state)
	}
	_ = t.Flush()
}

func table(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 0, 2, ' ', 0) }

// age is how old a queue's oldest message is, "-" if it has none.
func age(q localqueue.QueueStats) string {
	if q.Visible+q.InFlight+q.Delayed == 0 {
		return "-"
	}
	return q.OldestMessage.Round(time.Second).String()
}

// size is a number of bytes for people.
func size(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d bytes", n)
}
