package lean

import (
	"fmt"
	"net"
	"sync"
	"time"
)

// Conn is a connection of one caller, with one request under way at a time. It is not safe for
// concurrent use, but for Close.
type Conn struct {
	addr    string
	mu      sync.Mutex // for a new tcp, and Close
	tcp     net.Conn
	closed  bool      // by Close
	ended   bool      // the server said so in its last reply
	expires time.Time // every call, as Expire said
	in      []byte
}

// Reply is what a server answered. Body is valid until the connection's next reply is read.
type Reply struct {
	Status int
	Body   []byte
	closes bool // the server ends the connection
}

// Dial connects to addr (host:port).
func Dial(addr string) (*Conn, error) {
	tcp, err := net.DialTimeout("tcp", addr, 10*time.Second)
	if err != nil {
		return nil, err
	}
	return &Conn{addr: addr, tcp: tcp, in: make([]byte, 4<<10)}, nil
}

// Close closes the connection. A caller that waits for a reply gets an error.
func (c *Conn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	return c.tcp.Close()
}

// Expire makes every call fail that is not done in d from now.
func (c *Conn) Expire(d time.Duration) error {
	c.expires = time.Now().Add(d)
	if c.ended {
		return nil // the next connection expires then
	}
	return c.tcp.SetDeadline(c.expires)
}

// Ready connects anew if the server has said with its last reply that it ends the connection. Send does so
// as well: this is for a reader that has to be there before.
func (c *Conn) Ready() error {
	if !c.ended {
		return nil
	}
	tcp, err := net.DialTimeout("tcp", c.addr, 10*time.Second)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.tcp.Close() // nothing comes any more
	c.tcp, c.ended = tcp, false
	if c.closed {
		return tcp.Close()
	}
	return tcp.SetDeadline(c.expires)
}

// Do sends a request and reads the reply.
func (c *Conn) Do(request []byte) (Reply, error) {
	if err := c.Send(request); err != nil {
		return Reply{}, err
	}
	return c.Receive()
}

// Send writes the bytes of a request, or of a part of one, without reading a reply. It connects anew if
// the server has said with its last reply that it ends the connection.
func (c *Conn) Send(request []byte) error {
	if err := c.Ready(); err != nil {
		return err
	}
	_, err := c.tcp.Write(request)
	return err
}

// Receive reads the reply to the request sent before.
func (c *Conn) Receive() (Reply, error) {
	filled := 0
	for {
		n, err := c.tcp.Read(c.in[filled:])
		filled += n
		if n > 0 {
			reply, size, err := parse(c.in[:filled])
			if err != nil {
				return Reply{}, err
			}
			if size == filled {
				c.ended = reply.closes
				return reply, nil
			}
			if size > 0 {
				return Reply{}, fmt.Errorf("the server sent %d bytes after its reply", filled-size)
			}
		}
		if err != nil {
			return Reply{}, fmt.Errorf("read a reply (%d bytes so far): %w", filled, err)
		}
		if filled == len(c.in) {
			c.in = append(c.in, make([]byte, len(c.in))...)
		}
	}
}
