package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/process"
)

// pythonPeer is a server written in Python. It is installed into a virtual environment of its own, which is
// kept for the next run.
type pythonPeer struct {
	name, version string
	packages      []string // what is installed
	before        string   // the day up to which their dependencies are taken, so that they are always the same
	least         int      // the minor version of Python 3 that it needs at least
	signed        bool     // as in subject

	arguments func(host, port string) []string // the program, in the environment's bin, and its arguments
	variables func(host, port, dir string) []string
}

// pipVersion is that of pip, which has to know --uploaded-prior-to.
const pipVersion = "26.3"

var localstack = pythonPeer{
	name: "localstack", version: "4.14.0", // the last that needs no token
	packages: []string{"localstack-core[base-runtime]==4.14.0", "moto-ext"}, before: "2026-03-20", least: 13,
	arguments: func(_, _ string) []string { return []string{"python", "-m", "localstack.runtime.main"} },
	variables: func(host, port, dir string) []string {
		return []string{
			"GATEWAY_LISTEN=" + host + ":" + port, "LOCALSTACK_HOST=" + host + ":" + port, "SERVICES=sqs",
			"FILESYSTEM_ROOT=" + dir, "LS_LOG=error", "DISABLE_EVENTS=1", "SKIP_SSL_CERT_DOWNLOAD=1", "DNS_ADDRESS=0",
		}
	},
}

var moto = pythonPeer{
	name: "moto", version: "5.2.5",
	packages: []string{"moto[server]==5.2.5"}, before: "2026-11-01", least: 10, signed: true,
	arguments: func(host, port string) []string { return []string{"moto_server", "-H", host, "-p", port} },
	variables: func(_, _, _ string) []string { return nil },
}

var ministack = pythonPeer{
	name: "ministack", version: "1.5.33",
	packages: []string{"ministack==1.5.33"}, before: "2026-11-01", least: 10,
	arguments: func(_, _ string) []string { return []string{"ministack"} },
	variables: func(host, port, _ string) []string {
		return []string{"BIND_HOST=" + host, "GATEWAY_PORT=" + port, "SERVICES=sqs", "LOG_LEVEL=ERROR"}
	},
}

func (p pythonPeer) peer() peer { return peer{p.name, p.version, p.install} }

// install installs the peer, unless a run before has.
func (p pythonPeer) install(ctx context.Context, _ string) (subject, error) {
	dir, err := kept(ctx, p.name+"-"+p.version)
	if err != nil {
		return subject{}, err
	}
	done, recipe := filepath.Join(dir, "installed"), fmt.Sprint(pipVersion, p.packages, p.before, p.least)
	if was, err := os.ReadFile(done); err != nil || string(was) != recipe {
		if err := p.installInto(ctx, dir); err != nil {
			return subject{}, errors.Join(err, os.RemoveAll(dir))
		}
		if err := os.WriteFile(done, []byte(recipe), 0o600); err != nil {
			return subject{}, err
		}
	}
	return subject{signed: p.signed, start: func(ctx context.Context, own string) (*process.Process, error) {
		addr, err := process.FreeAddress()
		if err != nil {
			return nil, err
		}
		host, port, _ := strings.Cut(addr, ":")
		variables := append(p.variables(host, port, own), "TMPDIR="+own, "XDG_CACHE_HOME="+filepath.Join(dir, "cache"))
		words := p.arguments(host, port)
		return process.StartIn(ctx, variables, addr, filepath.Join(dir, "bin", words[0]), words[1:]...)
	}}, nil
}

// installInto makes the virtual environment.
func (p pythonPeer) installInto(ctx context.Context, dir string) error {
	ctx, stop := context.WithTimeout(ctx, 5*time.Minute)
	defer stop()
	python, err := findPython(ctx, p.least)
	if err != nil {
		return err
	}
	pip := []string{"-m", "pip", "install", "-q", "--disable-pip-version-check"}
	for _, step := range [][]string{
		{python, "-m", "venv", "--clear", dir},
		slices.Concat([]string{filepath.Join(dir, "bin", "python")}, pip, []string{"pip==" + pipVersion}),
		slices.Concat([]string{filepath.Join(dir, "bin", "python")}, pip, []string{"--uploaded-prior-to", p.before + "T00:00:00Z"}, p.packages),
	} {
		if _, err := output(ctx, "", step[0], step[1:]...); err != nil {
			return err
		}
	}
	return nil
}

// findPython returns an interpreter of Python 3 whose minor version is at least that.
func findPython(ctx context.Context, least int) (string, error) {
	candidates := []string{"python3", "python3.13", "python3.12"}
	if root, err := output(ctx, "", "pyenv", "root"); err == nil { // it has those that are not the default
		more, _ := filepath.Glob(filepath.Join(strings.TrimSpace(root), "versions", "3.1[0-9].*", "bin", "python3"))
		candidates = append(candidates, more...)
	}
	for _, c := range candidates {
		check := fmt.Sprintf("import sys, venv; sys.exit(sys.version_info < (3, %d))", least)
		if exec.CommandContext(ctx, c, "-c", check).Run() == nil {
			return c, nil
		}
	}
	return "", fmt.Errorf("it needs Python 3.%d or later", least)
}

// kept is a directory for what is installed, which is there for the next run: benchmarks/build/NAME.
func kept(ctx context.Context, name string) (string, error) {
	module, err := output(ctx, "", "go", "env", "GOMOD")
	if err != nil {
		return "", err
	}
	return filepath.Join(filepath.Dir(strings.TrimSpace(module)), "build", name), nil
}
