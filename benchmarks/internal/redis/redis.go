// Package redis gets Redis for the comparisons that are told to, and starts it.
package redis

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/quayside-go/quayside/benchmarks/internal/process"
)

// Program is a Redis that can be started.
type Program struct {
	Version string
	command []string
}

// packages are those of Debian and its like that have the server and what else is rarely installed of what it needs.
// redis-tools is one of them, since redis-server is a link to a program in it.
var packages = []string{"redis-server", "redis-tools", "libjemalloc2", "liblzf1"}

// Find returns the redis-server that is installed. If none is, apt-get downloads it and it is unpacked in dir, so
// that nothing is installed and no service begins.
func Find(ctx context.Context, dir string) (*Program, error) {
	command := []string{"redis-server"}
	if _, err := exec.LookPath(command[0]); err != nil {
		if command, err = fetch(ctx, filepath.Join(dir, "redis")); err != nil {
			return nil, fmt.Errorf("redis-server is not installed, and could not be fetched: %w", err)
		}
	}
	said, err := output(ctx, dir, append(command, "--version")...)
	if err != nil {
		return nil, err
	}
	return &Program{versionIn(said), command}, nil
}

// versionIn returns the version in "Redis server v=7.0.15 sha=00000000:0 ...".
func versionIn(said string) string {
	for word := range strings.FieldsSeq(said) {
		if v, ok := strings.CutPrefix(word, "v="); ok {
			return v
		}
	}
	return "unknown"
}

// fetch returns the command of a Redis that it unpacks in dir.
func fetch(ctx context.Context, dir string) ([]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if _, err := output(ctx, dir, append([]string{"apt-get", "-q", "download"}, packages...)...); err != nil {
		return nil, err
	}
	archives, err := filepath.Glob(filepath.Join(dir, "*.deb"))
	for _, archive := range archives {
		if err == nil {
			_, err = output(ctx, dir, "dpkg-deb", "--extract", archive, dir)
		}
	}
	if err != nil {
		return nil, err
	}
	libraries, err := filepath.Glob(filepath.Join(dir, "usr", "lib", "*")) // named after the architecture
	if err != nil {
		return nil, err
	}
	return []string{"env", "LD_LIBRARY_PATH=" + strings.Join(libraries, ":"), filepath.Join(dir, "usr", "bin", "redis-server")}, nil
}

// output runs a command in dir and returns its standard output. An error has its standard error.
func output(ctx context.Context, dir string, command ...string) (string, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return "", fmt.Errorf("%s: %w: %s", cmd, err, bytes.TrimSpace(exit.Stderr))
	}
	return string(out), err
}

// Start starts Redis on a free loopback port, with its files in dir. Settings are those of its configuration, each
// with its value behind it; without them it stores nothing on the disk but what is asked for.
func (p *Program) Start(ctx context.Context, dir string, settings ...string) (*process.Process, error) {
	addr, err := process.FreeAddress()
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	args := append(p.command[1:len(p.command):len(p.command)],
		"--port", port, "--bind", "127.0.0.1", "--dir", dir, "--loglevel", "warning", "--save", "")
	for i := 0; i+1 < len(settings); i += 2 {
		args = append(args, "--"+settings[i], settings[i+1])
	}
	return process.StartAt(ctx, addr, p.command[0], args...)
}
