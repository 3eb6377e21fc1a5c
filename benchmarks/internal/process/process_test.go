package process_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/benchmarks/internal/process"
)

// The tests start this binary again, told by an argument what to be.
func TestMain(m *testing.M) {
	if len(os.Args) < 2 || !strings.HasPrefix(os.Args[1], "be-") {
		os.Exit(m.Run())
	}
	switch os.Args[1] {
	case "be-dead":
		fmt.Fprintln(os.Stderr, "the port is taken", os.Getenv("QUAYSIDE_BY"))
		os.Exit(3)
	case "be-server":
		l, err := net.Listen("tcp", os.Args[2])
		if err != nil {
			panic(err)
		}
		fmt.Printf("welcome\n%s%s\n# have fun\n", process.Announcement, l.Addr())
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = bufio.NewReader(conn).ReadString('\n')
			_ = conn.Close()
		}
	}
}

func TestStart(t *testing.T) {
	t.Parallel()
	p, err := process.Start(t.Context(), os.Args[0], "be-server", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", p.Addr)
	if err != nil {
		t.Fatalf("announced %q: %v", p.Addr, err)
	}
	_ = conn.Close()
	p.Stop()
	if _, err := net.Dial("tcp", p.Addr); err == nil {
		t.Error("it still serves after Stop")
	}
}

// What a server has started itself may live on and keep its output open.
func TestStopDoesNotWaitForGrandchildren(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh")
	}
	file := filepath.Join(t.TempDir(), "pid")
	p, err := process.Start(t.Context(), sh, "-c", `sleep 300 & echo $! >"$0"; echo "$1"; wait`, file, process.Announcement+"127.0.0.1:1/")
	if err != nil {
		t.Fatal(err)
	}
	p.Stop()
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(written)))
	if err != nil {
		t.Fatal(err)
	}
	if child, err := os.FindProcess(pid); err != nil || child.Kill() != nil {
		t.Error("Stop has waited for a process of the server's own")
	}
	if p.Addr != "127.0.0.1:1" {
		t.Errorf("the server is at %q", p.Addr)
	}
}

func TestStartAt(t *testing.T) {
	t.Parallel()
	addr, err := process.FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	p, err := process.StartAt(t.Context(), addr, os.Args[0], "be-server", addr)
	if err != nil {
		t.Fatal(err)
	}
	p.Stop()
}

func TestStartFails(t *testing.T) {
	t.Parallel()
	_, err := process.Start(t.Context(), os.Args[0], "be-dead")
	if err == nil || !strings.Contains(err.Error(), "the port is taken") || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("got %v; want its exit status and what it said", err)
	}
	if _, err := process.Start(t.Context(), "/no/such/program"); err == nil {
		t.Error("a program that is not there has started")
	}
	addr, err := process.FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := process.StartAt(t.Context(), addr, os.Args[0], "be-dead"); err == nil || !strings.Contains(err.Error(), "the port is taken") {
		t.Errorf("got %v; want what it said", err)
	}
	if _, err := process.StartIn(t.Context(), []string{"QUAYSIDE_BY=by another"}, addr, os.Args[0], "be-dead"); err == nil || !strings.Contains(err.Error(), "the port is taken by another") {
		t.Errorf("got %v; want what it said of its variable", err)
	}
}
