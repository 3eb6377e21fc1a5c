package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/quayside-go/quayside/benchmarks/storage/internal/store"
)

// conn is a connection of one caller, who makes one request after the other by hand: an SDK would cost
// more than the servers do.
type conn struct {
	tcp     net.Conn
	in      *bufio.Reader
	addr    string
	request []byte
	reply   bytes.Buffer
	handles [][]byte // within reply
	text    string
}

func dial(addr string) (*conn, error) {
	tcp, err := net.DialTimeout("tcp", addr, 10*time.Second)
	if err != nil {
		return nil, err
	}
	return &conn{tcp: tcp, in: bufio.NewReaderSize(tcp, 16<<10), addr: addr, text: plain}, nil
}

// plain is the body of a message over TCP. It needs no escape.
var plain = strings.Repeat("the quick brown fox jumps over the lazy dog ", store.BodySize/44+1)[:store.BodySize]

// do makes a request, whose body is that of all parts, and reads the reply.
func (c *conn) do(action string, body []byte) error {
	c.request = fmt.Appendf(c.request[:0], "POST / HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-amz-json-1.0\r\n"+
		"X-Amz-Target: AmazonSQS.%s\r\nContent-Length: %d\r\n\r\n", c.addr, action, len(body))
	c.request = append(c.request, body...)
	if _, err := c.tcp.Write(c.request); err != nil {
		return err
	}
	r, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	c.reply.Reset()
	if _, err := io.Copy(&c.reply, r.Body); err != nil {
		return err
	}
	if r.StatusCode != http.StatusOK || bytes.Contains(c.reply.Bytes(), []byte(`"Failed":[{`)) {
		return fmt.Errorf("%s was answered %s: %.300s", action, r.Status, c.reply.Bytes())
	}
	return nil
}

const queueMember = `{"QueueUrl":"bench"`

// cycle sends messages, receives as many and deletes them; it returns how many there were.
func (c *conn) cycle(batch int) (int, error) {
	if err := c.tcp.SetDeadline(time.Now().Add(patience)); err != nil {
		return 0, err
	}
	if err := c.send(batch); err != nil {
		return 0, err
	}
	if err := c.do("ReceiveMessage", fmt.Appendf(nil, queueMember+`,"MaxNumberOfMessages":%d}`, batch)); err != nil {
		return 0, err
	}
	c.findHandles()
	if len(c.handles) != batch { // whoever receives has sent as many before
		return 0, fmt.Errorf("%d messages were received of %d that must be there", len(c.handles), batch)
	}
	return batch, c.delete()
}

func (c *conn) send(batch int) error {
	if batch == 1 {
		return c.do("SendMessage", fmt.Appendf(nil, queueMember+`,"MessageBody":"%s"}`, c.text))
	}
	b := []byte(queueMember + `,"Entries":[`)
	for i := range batch {
		b = fmt.Appendf(b, `{"Id":"%d","MessageBody":"%s"},`, i, c.text)
	}
	return c.do("SendMessageBatch", append(b[:len(b)-1], "]}"...))
}

func (c *conn) delete() error {
	if len(c.handles) == 1 {
		return c.do("DeleteMessage", fmt.Appendf(nil, queueMember+`,"ReceiptHandle":"%s"}`, c.handles[0]))
	}
	b := []byte(queueMember + `,"Entries":[`)
	for i, h := range c.handles {
		b = fmt.Appendf(b, `{"Id":"%d","ReceiptHandle":"%s"},`, i, h)
	}
	return c.do("DeleteMessageBatch", append(b[:len(b)-1], "]}"...))
}

// findHandles finds the receipt handles in a reply. The texts that were sent look like none.
func (c *conn) findHandles() {
	c.handles = c.handles[:0]
	for rest := c.reply.Bytes(); ; {
		_, after, ok := bytes.Cut(rest, []byte(`"ReceiptHandle":"`))
		if !ok {
			return
		}
		handle, after, ok := bytes.Cut(after, []byte(`"`))
		if !ok {
			return
		}
		c.handles = append(c.handles, handle)
		rest = after
	}
}
