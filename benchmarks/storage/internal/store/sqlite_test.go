package store

import (
	"os"
	"path/filepath"
	"testing"
)

// What makes a commit durable, and what makes it fast, is as it is said to be.
func TestSQLiteSettings(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a directory?mode=memory&") // which is no part of the settings
	move(t, "make a directory", os.Mkdir(dir, 0o700))
	opened, err := openSQLite(dir)
	move(t, "open", err)
	defer opened.close()
	s := opened.(*sqliteKV)
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "page_size": "16384"} {
		var got string
		move(t, pragma, s.writes.QueryRow("PRAGMA "+pragma).Scan(&got))
		if got != want {
			t.Errorf("%s is %s, want %s", pragma, got, want)
		}
	}
	move(t, "put", opened.commit(&change{puts: []entry{{1, []byte("one")}}}))
	if info, err := os.Stat(filepath.Join(dir, "messages-wal")); err != nil || info.Size() == 0 {
		t.Errorf("the write-ahead log is %v, %v", info, err)
	}
}

// A change that fails is none: nothing of it stays, and the next is not held up.
func TestSQLiteFailingChange(t *testing.T) {
	t.Parallel()
	s, err := openSQLite(t.TempDir())
	move(t, "open", err)
	defer s.close()
	move(t, "put", s.commit(&change{puts: []entry{{1, []byte("one")}}}))
	if err := s.commit(&change{puts: []entry{{2, []byte("two")}, {1, []byte("again")}}}); err == nil {
		t.Error("a number was given twice")
	}
	if _, err := s.get(nil, 2); err == nil {
		t.Error("half of a change was made")
	}
	move(t, "put", s.commit(&change{puts: []entry{{3, []byte("three")}}}))
	if got, err := s.get(nil, 3); err != nil || string(got) != "three" {
		t.Errorf("got %q, %v", got, err)
	}
}
