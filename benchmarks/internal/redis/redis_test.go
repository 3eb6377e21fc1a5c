package redis

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestVersion(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=ae4d\n": "7.0.15",
		"Valkey\n": "unknown",
	} {
		if got := versionIn(said); got != want {
			t.Errorf("got %q of %q, want %q", got, said, want)
		}
	}
}

// installed is the path of a program.
func installed(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("no %s: %v", name, err)
	}
	return path
}

// programs makes a directory of programs, by name the text of a shell script, the only one where programs are looked
// for.
func programs(t *testing.T, scripts map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!"+installed(t, "sh")+"\n"+text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
}

func TestFindInstalled(t *testing.T) {
	programs(t, map[string]string{"redis-server": "echo Redis server v=9.9.9\n", "apt-get": "exit 1\n"})
	p, err := Find(t.Context(), t.TempDir())
	if err != nil || p.Version != "9.9.9" {
		t.Errorf("got %+v, %v", p, err)
	}
}

// One that is not installed is downloaded, and nothing else is done with it.
func TestFindFetched(t *testing.T) {
	sh, mkdir, chmod, env := installed(t, "sh"), installed(t, "mkdir"), installed(t, "chmod"), installed(t, "env")
	programs(t, map[string]string{
		"apt-get": `[ "$1 $2" = "-q download" ] || exit 1; shift 2; for p; do : > $p.deb; done`,
		"dpkg-deb": `[ "$1" = --extract ] || exit 1; ` + mkdir + ` -p "$3/usr/bin" "$3/usr/lib/some-linux"
printf '#!` + sh + `\necho v=$LD_LIBRARY_PATH\n' > "$3/usr/bin/redis-server"; ` + chmod + ` +x "$3/usr/bin/redis-server"`,
		"env": `exec ` + env + ` "$@"`,
	})
	dir := t.TempDir()
	p, err := Find(t.Context(), dir)
	if want := filepath.Join(dir, "redis", "usr", "lib", "some-linux"); err != nil || p.Version != want {
		t.Errorf("got %+v, %v; want the libraries %s", p, err, want)
	}
}

func TestFindNone(t *testing.T) {
	path := os.Getenv("PATH")
	programs(t, map[string]string{"apt-get": "echo no such package >&2; exit 100\n"})
	_, err := Find(t.Context(), t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "not installed") || !strings.Contains(err.Error(), "no such package") {
		t.Errorf("got %v", err)
	}
	t.Setenv("PATH", path)
	programs(t, nil)
	if _, err := Find(t.Context(), t.TempDir()); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("without apt-get: %v", err)
	}
}

// A Redis that is installed is started with the settings that it is given.
func TestStart(t *testing.T) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("no Redis is installed: ", err)
	}
	p, err := Find(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s, err := p.Start(t.Context(), t.TempDir(), "appendonly", "yes", "appendfsync", "always")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	c, err := net.Dial("tcp", s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprint(c, "CONFIG GET appendfsync\r\n")
	in, got := bufio.NewScanner(c), ""
	for range 5 {
		in.Scan()
		got = in.Text()
	}
	if got != "always" {
		t.Errorf("appendfsync is %q", got)
	}
}
