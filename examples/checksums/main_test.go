package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// TestSameBytesAsSha256sum runs the real program over real files with every kind of name.
func TestSameBytesAsSha256sum(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("sha256sum"); err != nil {
		t.Skip("sha256sum is not installed: nothing to compare with")
	}
	dir := awkward(t)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	for _, root := range []string{dir, dir + "/", dir + "/sub/..", filepath.Join(dir, "plain"), link} {
		script := `find -H "$1" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum`
		want, err := exec.Command("sh", "-c", script, "sh", root).Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, concurrency := range []int{1, 3, 64} {
			var stdout, stderr bytes.Buffer
			status := command(t.Context(), []string{"-concurrency", strconv.Itoa(concurrency), root}, &stdout, &stderr)
			if status != exitOK || stderr.Len() > 0 {
				t.Errorf("%s, concurrency %d: status %d, stderr:\n%s", root, concurrency, status, &stderr)
			}
			if !bytes.Equal(stdout.Bytes(), want) {
				t.Errorf("%s, concurrency %d: got\n%s\nwant\n%s", root, concurrency, &stdout, want)
			}
		}
	}
}

// awkward makes a directory of files whose names and sizes are hard to get right, as far as the file
// system allows.
func awkward(t *testing.T) string {
	t.Helper()
	dir := makeFiles(t, "plain", "sub/deeper/file", "sub.txt", "sub-x", "white space", "ünïcödé")
	names := []string{`back\slash`, "new\nline", "carriage\rreturn", "tab\t", "invalid-utf8-\xff\xfe", "\ufffe", "\x01"}
	for _, name := range names {
		err := os.WriteFile(filepath.Join(dir, name), []byte(strings.Repeat(name, 100_000)), 0o644)
		if err != nil && runtime.GOOS == "linux" {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "empty"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{"link": "plain", "link-to-dir": "sub", "dangling": "nowhere"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil && runtime.GOOS == "linux" {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "empty-dir"), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestOutputFile(t *testing.T) {
	t.Parallel()
	dir := makeFiles(t, "a", "b")
	want := manifestOf(dir, "a", "b")
	elsewhere := t.TempDir()
	file := filepath.Join(elsewhere, "sums")
	link := filepath.Join(elsewhere, "link")
	if err := os.Symlink("sums", link); err != nil && runtime.GOOS == "linux" {
		t.Fatal(err)
	}
	for _, output := range []string{file, file, link} { // new, replaced, through a link
		if err := os.WriteFile(file, []byte("old"), 0o644); err != nil {
			t.Fatal(err)
		}
		var stdout, stderr bytes.Buffer
		if status := command(t.Context(), []string{"-o", output, dir}, &stdout, &stderr); status != exitOK {
			t.Errorf("status %d, stderr:\n%s", status, &stderr)
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want || stdout.Len() > 0 {
			t.Errorf("-o %s: got\n%s\nand on stdout\n%s", output, got, &stdout)
		}
	}
	entries, err := os.ReadDir(elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) > 2 {
		t.Errorf("left behind: %v", entries)
	}
}

// TestOutputFileSparesNeighbours has a file of the user's where a careless program might put its own.
func TestOutputFileSparesNeighbours(t *testing.T) {
	t.Parallel()
	dir := makeFiles(t, "a")
	elsewhere := t.TempDir()
	neighbour, file := filepath.Join(elsewhere, "sums.partial"), filepath.Join(elsewhere, "sums")
	for name, mode := range map[string]os.FileMode{neighbour: 0o644, file: 0o640} {
		if err := os.WriteFile(name, []byte("mine"), mode); err != nil {
			t.Fatal(err)
		}
	}
	var stdout, stderr bytes.Buffer
	if status := command(t.Context(), []string{"-o", file, dir}, &stdout, &stderr); status != exitOK {
		t.Errorf("status %d, stderr:\n%s", status, &stderr)
	}
	if got, err := os.ReadFile(neighbour); string(got) != "mine" {
		t.Errorf("%s is now %q, %v", neighbour, got, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o640 && runtime.GOOS == "linux" {
		t.Errorf("the manifest has the mode %v, %v; want that of the file it replaces", info.Mode(), err)
	}
	if entries, err := os.ReadDir(elsewhere); err != nil || len(entries) != 2 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	dir := makeFiles(t, "a")
	for _, c := range []struct {
		args   []string
		status int
		stderr string
	}{
		{[]string{}, exitUsage, "usage: checksums"},
		{[]string{dir, dir}, exitUsage, "usage: checksums"},
		{[]string{"-x", dir}, exitUsage, "not defined: -x"},
		{[]string{"-concurrency", "0", dir}, exitUsage, "at least 1"},
		{[]string{"-h"}, exitOK, "usage: checksums"},
		{[]string{"-queue", "nowhere", dir}, exitFailed, `no such queue: "nowhere"`},
		{[]string{filepath.Join(dir, "nothing")}, exitFailed, "no manifest written: stat "},
		{[]string{"-o", filepath.Join(dir, "no", "sums"), dir}, exitFailed, "no manifest written: stat "},
		{[]string{"-o", filepath.Join(dir, "a", "sums"), dir}, exitFailed, "not a directory"},
	} {
		var stdout, stderr bytes.Buffer
		if status := command(t.Context(), c.args, &stdout, &stderr); status != c.status {
			t.Errorf("%q: status %d, want %d", c.args, status, c.status)
		}
		if !strings.Contains(stderr.String(), c.stderr) {
			t.Errorf("%q: stderr %q does not say %q", c.args, &stderr, c.stderr)
		}
		if stdout.Len() > 0 {
			t.Errorf("%q: stdout %q", c.args, &stdout)
		}
	}
}

func TestEmptyDirectory(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	if status := command(t.Context(), []string{t.TempDir()}, &stdout, &stderr); status != exitOK || stdout.Len()+stderr.Len() > 0 {
		t.Errorf("status %d, stdout %q, stderr %q", status, &stdout, &stderr)
	}
}
