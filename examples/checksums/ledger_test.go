package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
)

// TestLedger reads back what was written, also behind lines that a crash cut short.
func TestLedger(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "ledger")
	want := []entry{}
	for _, torn := range []string{"", "{\"Kind\":\"hash", "\x00\x00\x00\n", "no entry\n{}\n", "{}"} {
		l, got, err := openLedger(name)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(want) || len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Fatalf("read %v, want %v", got, want)
		}
		more := []entry{{Kind: entryFound, Path: []byte("\xff\n")}, {Kind: entryHashed, Path: []byte("\xff\n"), Text: torn}}
		if err := errors.Join(l.add(more[0]), l.keep(more[1]), l.close()); err != nil {
			t.Fatal(err)
		}
		want = append(want, more...)
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(torn); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
}

// TestLedgerTogether has many keep at once.
func TestLedgerTogether(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "ledger")
	l, _, err := openLedger(name)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			if err := l.keep(entry{Kind: entryHashed, Text: fmt.Sprint(i)}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if l.written != 200 || l.synced != 200 {
		t.Errorf("%d written, %d synced", l.written, l.synced)
	}
	l.close()
	if _, got, err := openLedger(name); err != nil || len(got) != 200 {
		t.Errorf("read %d, %v", len(got), err)
	}
	first := l.keep(entry{Kind: entryWalked}) // the file is closed
	if first == nil || l.add(entry{}) != first || l.broken() != first {
		t.Errorf("after the error %v: %v, %v", first, l.add(entry{}), l.broken())
	}
}
