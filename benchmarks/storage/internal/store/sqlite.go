package store

import (
	"database/sql"
	"errors"
	"net/url"
	"path/filepath"
	"runtime"

	_ "modernc.org/sqlite" // the driver: SQLite in Go, so that no C compiler is needed
)

// sqliteKV is SQLite as one keeps a queue in it: a row a message. One connection writes, as SQLite has it, and
// others read at the same time, which its write-ahead log permits.
type sqliteKV struct {
	writes, reads       *sql.DB
	insert, remove, one *sql.Stmt
}

// sqliteSchema is what is made when the database is. Pages of 16 KB hold fifteen messages: with the usual ones of
// 4 KB, which hold three, transactions of many messages take longer. Nobody asks for the last two columns here, and no
// index is kept of them.
const sqliteSchema = `PRAGMA page_size = 16384;
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS messages (
	id INTEGER PRIMARY KEY,
	body BLOB NOT NULL,
	visible_at INTEGER NOT NULL DEFAULT 0,
	receives INTEGER NOT NULL DEFAULT 0
)`

// sqliteSettings are those of every connection. Every commit syncs the write-ahead log.
var sqliteSettings = url.Values{"_pragma": {"busy_timeout(10000)", "synchronous(FULL)"}, "_txlock": {"immediate"}}

func openSQLite(dir string) (kv, error) {
	name := url.URL{Scheme: "file", Opaque: url.PathEscape(filepath.Join(dir, "messages")), RawQuery: sqliteSettings.Encode()}
	s := &sqliteKV{}
	var err error
	if s.writes, err = sql.Open("sqlite", name.String()); err != nil {
		return nil, err
	}
	if s.reads, err = sql.Open("sqlite", name.String()); err != nil {
		return nil, errors.Join(err, s.writes.Close())
	}
	s.writes.SetMaxOpenConns(1)
	s.reads.SetMaxOpenConns(runtime.GOMAXPROCS(0))
	s.reads.SetMaxIdleConns(runtime.GOMAXPROCS(0)) // so that statements stay prepared
	if err := s.prepare(); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// prepare makes the table, if it is not there, and the statements.
func (s *sqliteKV) prepare() error {
	if _, err := s.writes.Exec(sqliteSchema); err != nil {
		return err
	}
	for _, x := range []struct {
		to   **sql.Stmt
		db   *sql.DB
		text string
	}{
		{&s.insert, s.writes, "INSERT INTO messages (id, body) VALUES (?, ?)"},
		{&s.remove, s.writes, "DELETE FROM messages WHERE id = ?"},
		{&s.one, s.reads, "SELECT body FROM messages WHERE id = ?"},
	} {
		var err error
		if *x.to, err = x.db.Prepare(x.text); err != nil {
			return err
		}
	}
	return nil
}

func (s *sqliteKV) commit(c *change) error {
	tx, err := s.writes.Begin()
	if err != nil {
		return err
	}
	if err := s.change(tx, c); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func (s *sqliteKV) change(tx *sql.Tx, c *change) error {
	insert, remove := tx.Stmt(s.insert), tx.Stmt(s.remove)
	for _, e := range c.puts {
		if _, err := insert.Exec(int64(e.id), e.body); err != nil {
			return err
		}
	}
	for _, id := range c.deletes {
		if _, err := remove.Exec(int64(id)); err != nil {
			return err
		}
	}
	return nil
}

func (s *sqliteKV) get(dst []byte, id uint64) ([]byte, error) {
	var body []byte
	err := s.one.QueryRow(int64(id)).Scan(&body)
	return append(dst, body...), err
}

func (s *sqliteKV) each(f func(id uint64)) error {
	rows, err := s.reads.Query("SELECT id FROM messages ORDER BY id")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return err
		}
		f(uint64(id))
	}
	return rows.Err()
}

func (s *sqliteKV) close() error { return errors.Join(s.reads.Close(), s.writes.Close()) }
