package main

import (
	"bufio"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/benchmarks/storage/internal/store"
)

// replies is a server that gives one answer after the other, each to the command that it expects.
func replies(t *testing.T, all ...[2]string) *redisConn {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		in := bufio.NewReader(c)
		for _, x := range all {
			if words, err := readCommand(in); err != nil || !strings.HasPrefix(words, x[0]) {
				t.Errorf("got %.60q, %v; want %q", words, err, x[0])
			}
			if _, err := io.WriteString(c, x[1]); err != nil {
				t.Error(err)
			}
		}
	}()
	c, err := dialRedis(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.tcp.Close() })
	return c
}

// readCommand returns the words of a command, which have the lengths that they are said to have.
func readCommand(in *bufio.Reader) (string, error) {
	number := func() int {
		line, _ := in.ReadString('\n')
		n, _ := strconv.Atoi(strings.Trim(line, "*$\r\n"))
		return n
	}
	words := make([]string, number())
	for i := range words {
		text := make([]byte, number()+len("\r\n"))
		if _, err := io.ReadFull(in, text); err != nil {
			return "", err
		}
		words[i] = strings.TrimSuffix(string(text), "\r\n")
	}
	return strings.Join(words, " "), nil
}

func TestRedisConn(t *testing.T) {
	t.Parallel()
	c := replies(t,
		[2]string{"XADD bench * body " + plain, "$5\r\n123-0\r\n"}, [2]string{"XLEN bench", ":1\r\n"}, [2]string{"DEL bench", ":1\r\n"},
		[2]string{"XADD", "-OOM command not allowed\r\n"}, [2]string{"XADD", ":1\r\n"}, [2]string{"XLEN", ":2\r\n"})
	if err := c.add(); err != nil {
		t.Error(err)
	}
	if err := c.empty(1); err != nil {
		t.Error(err)
	}
	if err := c.add(); err == nil || !strings.Contains(err.Error(), "OOM") {
		t.Errorf("an error that is answered: %v", err)
	}
	if err := c.add(); err == nil || !strings.Contains(err.Error(), "no id") {
		t.Errorf("an answer that is none: %v", err)
	}
	if err := c.empty(3); err == nil || !strings.Contains(err.Error(), "3 messages were put, 2 are there") {
		t.Errorf("a message that is lost: %v", err)
	}
	if err := c.add(); err == nil {
		t.Error("nobody answered, and it was accepted")
	}
	if len(plain) != store.BodySize {
		t.Errorf("a message has %d bytes", len(plain))
	}
}
