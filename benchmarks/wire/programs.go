package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/quayside-go/quayside/benchmarks/internal/process"
)

// findQuayside returns the subjects that all is about: in memory, and in a directory. With no program given
// it builds one into dir from the module around this one.
func findQuayside(ctx context.Context, program, dir string) (memory, durable subject, err error) {
	if program == "" {
		program = executable(dir, "quayside")
		module, err := output(ctx, "", "go", "env", "GOMOD")
		if err != nil {
			return memory, durable, err
		}
		around := filepath.Dir(filepath.Dir(strings.TrimSpace(module)))
		if _, err := output(ctx, around, "go", "build", "-o", program, "./cmd/quayside"); err != nil {
			return memory, durable, fmt.Errorf("build quayside (run this program within its module, or name one with -quayside): %w", err)
		}
	}
	serve := []string{"serve", "--addr", "127.0.0.1:0", "--log-level", "error"}
	memory = subject{name: "quayside", start: func(ctx context.Context, _ string) (*process.Process, error) {
		return process.Start(ctx, program, serve...)
	}}
	durable = subject{name: "quayside --dir", start: func(ctx context.Context, own string) (*process.Process, error) {
		return process.Start(ctx, program, slices.Concat(serve, []string{"--dir", filepath.Join(own, "queues")})...)
	}}
	return memory, durable, nil
}

// executable is the path of a program in dir.
func executable(dir, name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(dir, name)
}

// yardstickArgument makes this program be a yardstick: see main.
const yardstickArgument = "be-yardstick"

// yardstickOf returns a yardstick, which is this program started again.
func yardstickOf(kind string) subject {
	return subject{name: kind, forgets: true, start: func(ctx context.Context, _ string) (*process.Process, error) {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		return process.Start(ctx, self, yardstickArgument, kind, strconv.Itoa(bodySize))
	}}
}

// output runs a command in dir and returns its standard output. An error has the end of its standard
// error.
func output(ctx context.Context, dir, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return "", fmt.Errorf("%s: %w: %s", cmd, err, bytes.TrimSpace(exit.Stderr))
	}
	return string(out), err
}
