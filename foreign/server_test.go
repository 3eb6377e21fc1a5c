package foreign_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long the server may take to start, and to stop.
const patience = 30 * time.Second

// serve builds the command, starts it on a free port, and has it stopped at the end of the test. It
// returns the environment of the clients: what the server says is to be exported, and nothing of this
// machine's own AWS settings.
func serve(t *testing.T) []string {
	t.Helper()
	env := []string{
		"AWS_DEFAULT_REGION=us-east-1", // some clients know only this name
		"AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=" + filepath.Join(t.TempDir(), "none"),
		"AWS_SHARED_CREDENTIALS_FILE=" + filepath.Join(t.TempDir(), "none"),
		"NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1",
	}
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "AWS_") {
			env = append([]string{pair}, env...) // the later wins
		}
	}
	if endpoint := os.Getenv("QUAYSIDE_FOREIGN_ENDPOINT"); endpoint != "" {
		return append(env, "AWS_ENDPOINT_URL_SQS="+endpoint, "AWS_REGION=us-east-1",
			"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test")
	}

	binary := filepath.Join(t.TempDir(), "quayside")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	if out, err := exec.Command("go", "build", "-o", binary, "../cmd/quayside").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	server := exec.Command(binary, "serve", "--addr", "127.0.0.1:0")
	server.Stderr = os.Stderr
	stdout, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	exports := make(chan []string)
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		readExports(stdout, exports)
	}()
	t.Cleanup(func() { stop(t, server, drained) })
	select {
	case pairs := <-exports:
		return append(env, pairs...)
	case <-drained:
		t.Fatal("the server stopped before it said where it listens")
	case <-time.After(patience):
		t.Fatalf("the server did not say where it listens within %v", patience)
	}
	return nil
}

// readExports sends what is to be exported, once that is complete, and reads on until the end.
func readExports(stdout io.Reader, exports chan<- []string) {
	missing := map[string]bool{
		"AWS_ENDPOINT_URL_SQS": true, "AWS_REGION": true, "AWS_ACCESS_KEY_ID": true, "AWS_SECRET_ACCESS_KEY": true,
	}
	var pairs []string
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		pair, ok := strings.CutPrefix(lines.Text(), "export ")
		if !ok {
			continue
		}
		pairs = append(pairs, pair)
		name, _, _ := strings.Cut(pair, "=")
		delete(missing, name)
		if len(missing) == 0 && exports != nil {
			exports <- pairs
			exports = nil
		}
	}
}

// stop asks the server to end and waits until it did, without an error.
func stop(t *testing.T, server *exec.Cmd, drained <-chan struct{}) {
	clean := server.Process.Signal(syscall.SIGTERM) == nil
	if !clean { // Windows has no such signal
		server.Process.Kill()
	}
	select {
	case <-drained:
	case <-time.After(patience):
		t.Errorf("the server did not stop within %v of SIGTERM", patience)
		server.Process.Kill()
	}
	if err := server.Wait(); err != nil && clean {
		t.Errorf("the server, after SIGTERM: %v", err)
	}
}
