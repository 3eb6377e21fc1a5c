package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/redis"
)

var errNoPeers = errors.New("it is compared only if -peers is given")

// redisRival is Redis with a stream in an append-only file, which is synced before an answer.
func (b *bench) redisRival() (*rival, error) {
	if !b.peers {
		return nil, errNoPeers
	}
	b.progress("looking for Redis")
	program, err := redis.Find(b.ctx, b.dir)
	if err != nil {
		return nil, err
	}
	dir, remove, err := b.room("redis")
	if err != nil {
		return nil, err
	}
	r := &rival{name: redisName, stop: []func(){remove}}
	// Rewriting the file while others are measured would be at their cost and at Redis's own.
	p, err := program.Start(b.ctx, dir, "appendonly", "yes", "appendfsync", "always", "auto-aof-rewrite-percentage", "0")
	if err != nil {
		return r, err
	}
	r.stop = append(r.stop, p.Stop)
	b.report.Version("Redis", program.Version)
	for range connections {
		c, err := dialRedis(p.Addr)
		if err != nil {
			return r, err
		}
		r.stop = append(r.stop, func() { _ = c.tcp.Close() }) // nothing is under way
		r.put = append(r.put, func() (int, error) { return 1, c.add() })
		if r.clear == nil {
			r.clear = c.empty
		}
	}
	return r, nil
}

// redisConn is a connection of one caller, who sends one command after the other.
type redisConn struct {
	tcp net.Conn
	in  *bufio.Reader
}

func dialRedis(addr string) (*redisConn, error) {
	tcp, err := net.DialTimeout("tcp", addr, 10*time.Second)
	if err != nil {
		return nil, err
	}
	return &redisConn{tcp, bufio.NewReader(tcp)}, nil
}

// The commands, as Redis reads them.
var (
	xadd = command("XADD", "bench", "*", "body", plain)
	xlen = command("XLEN", "bench")
	del  = command("DEL", "bench")
)

func command(words ...string) []byte {
	b := fmt.Appendf(nil, "*%d\r\n", len(words))
	for _, w := range words {
		b = fmt.Appendf(b, "$%d\r\n%s\r\n", len(w), w)
	}
	return b
}

// add adds a message and reads its id.
func (c *redisConn) add() error {
	id, err := c.do(xadd)
	if err == nil && !bytes.Contains(id, []byte("-")) {
		err = fmt.Errorf("the answer to XADD is %q, no id", id)
	}
	return err
}

// empty deletes the stream, in which there must be so many messages.
func (c *redisConn) empty(put int) error {
	said, err := c.do(xlen)
	if err != nil {
		return err
	}
	if n, err := strconv.Atoi(string(said)); err != nil || n != put {
		return fmt.Errorf("%d messages were put, %s are there", put, said)
	}
	_, err = c.do(del)
	return err
}

// do sends a command whose answer is a number or a string. What it returns is valid until the next.
func (c *redisConn) do(command []byte) ([]byte, error) {
	if err := c.tcp.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	if _, err := c.tcp.Write(command); err != nil {
		return nil, err
	}
	line, err := c.line()
	if err != nil {
		return nil, err
	}
	switch line[0] {
	case ':':
		return line[1:], nil
	case '$':
		return c.line() // ids have no line break
	}
	return nil, fmt.Errorf("the answer is %q", line)
}

// line reads a line, which is not empty.
func (c *redisConn) line() ([]byte, error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	line = bytes.TrimRight(line, "\r\n")
	if len(line) == 0 {
		return nil, errors.New("an answer has an empty line")
	}
	return line, nil
}
