package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// binaries are the test binaries of packages of the module around this one, and so their benchmarks: what
// is internal there cannot be imported here.
type binaries struct{ engine, localqueue, wire string }

// build builds them into dir.
func build(ctx context.Context, dir string) (binaries, error) {
	b := binaries{executable(dir, "engine"), executable(dir, "localqueue"), executable(dir, "wire")}
	module, err := output(ctx, "", "go", "env", "GOMOD")
	if err != nil {
		return b, err
	}
	around := filepath.Dir(filepath.Dir(strings.TrimSpace(string(module))))
	for program, pkg := range map[string]string{
		b.engine: "./localqueue/internal/engine", b.localqueue: "./localqueue", b.wire: "./localqueue/internal/wire",
	} {
		if _, err := output(ctx, around, "go", "test", "-c", "-o", program, pkg); err != nil {
			return b, fmt.Errorf("build the tests of %s (run this program within its module): %w", pkg, err)
		}
	}
	return b, nil
}

// executable is the path of a program in dir.
func executable(dir, name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(dir, name)
}

// benchmark is a lane in which a benchmark of a test binary runs; name is without "Benchmark".
func (b *bench) benchmark(binary, name, time string) *lane {
	return newLane(func(ctx context.Context) ([]byte, error) {
		return b.run(ctx, filepath.Dir(binary), binary,
			"-test.run=^$", "-test.bench="+only(name), "-test.benchtime="+time, "-test.timeout=10m")
	})
}

// only is a pattern that only the benchmark with that name matches.
func only(name string) string {
	parts := strings.Split("Benchmark"+name, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	return strings.Join(parts, "/")
}

// child is a lane in which this program runs, started again as one of its children.
func (b *bench) child(args ...string) *lane {
	return newLane(func(ctx context.Context) ([]byte, error) {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		return b.run(ctx, "", self, args...)
	})
}

// output runs a program in dir and returns its standard output. An error has the end of all that it wrote.
func output(ctx context.Context, dir, program string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		said := bytes.TrimSpace(append(out, exit.Stderr...))
		return nil, fmt.Errorf("%s: %w: %s", cmd, err, said[max(0, len(said)-2000):])
	}
	return out, err
}
