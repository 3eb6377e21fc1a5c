package foreign_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// timeout is what one client may take. The slowest, the AWS CLI, starts a process per call, of half a
// second of a core each.
const timeout = 15 * time.Minute

// cache is where .ci/foreign installs.
const cache = "../.cache/foreign"

// client is a program in another language.
type client struct {
	name    string
	lock    string // the file, here, that says what is to be installed
	install string // the folder of the installation, in the cache
	steps   []string
	// env is added to the environment, and build is run first, if there is one. In these and in
	// command CACHE stands for the folder of the installation and TMP for one of this run.
	env, build, command []string
}

// missing says why the client cannot run, or nothing if it can.
func (c client) missing() string {
	want, err := os.ReadFile(c.lock)
	if err != nil {
		return err.Error()
	}
	got, err := os.ReadFile(filepath.Join(cache, c.install, "installed"))
	switch {
	case err != nil:
		return c.name + " is not installed: run bash .ci/foreign"
	case !bytes.Equal(got, want):
		return c.name + " is installed in other versions than " + c.lock + " says: run bash .ci/foreign"
	}
	return ""
}

// run runs the program and has each of its steps reported as a test of that name.
func (c client) run(t *testing.T, env []string, results *table) {
	installed, err := filepath.Abs(filepath.Join(cache, c.install))
	if err != nil {
		t.Fatal(err)
	}
	replacer := strings.NewReplacer("CACHE", installed, "TMP", t.TempDir())
	env = append(env[:len(env):len(env)], "QUAYSIDE_PREFIX="+prefix(c.name))
	for _, pair := range c.env {
		env = append(env, replacer.Replace(pair))
	}
	late := fmt.Errorf("%s took longer than %v", c.name, timeout)
	ctx, cancel := context.WithTimeoutCause(t.Context(), timeout, late)
	defer cancel()
	command := func(words []string) *exec.Cmd {
		expanded := make([]string, len(words))
		for i, w := range words {
			expanded[i] = replacer.Replace(w)
		}
		cmd := exec.CommandContext(ctx, expanded[0], expanded[1:]...)
		cmd.Env = env
		cmd.WaitDelay = patience // for what it may have started itself
		return cmd
	}
	if len(c.build) > 0 {
		if out, err := command(c.build).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", strings.Join(c.build, " "), cmp.Or(context.Cause(ctx), err), out)
		}
	}

	cmd := command(c.command)
	stderr := new(bytes.Buffer)
	cmd.Stderr = stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	rows := readSteps(t, c.name, bufio.NewScanner(stdout))
	err = cmd.Wait()
	for _, name := range c.steps {
		t.Run(name, func(t *testing.T) {
			r, ok := rows[name]
			if !ok {
				r = row{c.name, name, "the client never came to it", 0}
			}
			results.add(r)
			if r.why != "" {
				t.Error(r.why)
			}
			delete(rows, name)
		})
	}
	for name := range rows {
		t.Errorf("step %q is not one of this client's", name)
	}
	if err != nil {
		t.Error(cmp.Or(context.Cause(ctx), err))
	}
	if t.Failed() {
		t.Logf("standard error:\n%s", stderr)
	}
}

// readSteps reads what a client prints: `client <description>`, then a line per step.
func readSteps(t *testing.T, client string, lines *bufio.Scanner) map[string]row {
	rows := make(map[string]row)
	since := time.Now()
	for lines.Scan() {
		verb, rest, _ := strings.Cut(lines.Text(), " ")
		name, why, _ := strings.Cut(rest, ":")
		took := time.Since(since)
		since = time.Now()
		switch verb {
		case "client":
			t.Logf("%s, after %v", rest, took.Round(time.Millisecond))
		case "ok":
			rows[name] = row{client, name, "", took}
		case "FAIL":
			rows[name] = row{client, name, cmp.Or(strings.TrimSpace(why), "no reason given"), took}
		default:
			t.Logf("%s", lines.Text())
		}
	}
	if err := lines.Err(); err != nil {
		t.Error(err)
	}
	return rows
}

// prefix is what the names of a client's queues begin with: other ones in each run, as SQS lets a name
// rest for a minute once its queue is deleted.
func prefix(client string) string {
	return strings.ReplaceAll(client, ".", "-") + "-" + strconv.FormatInt(time.Now().UnixMilli(), 36) + "-"
}

// python is the interpreter of a virtual environment.
func python() string {
	if runtime.GOOS == "windows" {
		return `CACHE\Scripts\python.exe`
	}
	return "CACHE/bin/python"
}
