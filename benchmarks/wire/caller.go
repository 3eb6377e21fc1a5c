package main

import (
	"bytes"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/benchmarks/wire/internal/lean"
)

// caller is one connection that makes one request after another, to one queue.
type caller struct {
	conn    *lean.Conn  // nil: requests are made by sdk
	sdk     *sqs.Client // of all callers of a server
	to      *requests
	handles [][]byte // of the last receive, within its reply
	body    []byte   // of a request that is made anew each time
	out     []byte   // that request
}

// expire makes every request fail that is not answered with patience.
func (c *caller) expire() error {
	if c.conn == nil {
		return nil // the SDK's requests have a context each
	}
	return c.conn.Expire(patience)
}

// do makes a request that has to succeed. The reply's bytes are valid until the next.
func (c *caller) do(request []byte) ([]byte, error) {
	reply, err := c.conn.Do(request)
	if err != nil {
		return nil, err
	}
	return succeeded(reply)
}

// succeeded returns the body of a reply with status 200.
func succeeded(r lean.Reply) ([]byte, error) {
	if r.Status != 200 {
		return nil, fmt.Errorf("the server answered %d: %.300s", r.Status, r.Body)
	}
	return r.Body, nil
}

// someFailed tells whether entries of a batch failed, by the reply.
func someFailed(reply []byte) bool {
	i := bytes.Index(reply, []byte(`"Failed"`))
	return i >= 0 && bytes.HasPrefix(bytes.ReplaceAll(reply[i:min(i+30, len(reply))], []byte(" "), nil), []byte(`"Failed":[{`))
}

// An operation is what throughput counts. It returns how many messages it moved.
type operation func(*caller) (messages int, err error)

func send(c *caller) (int, error) {
	_, err := c.do(c.to.send)
	return 1, err
}

func sendBatch(c *caller) (int, error) {
	reply, err := c.do(c.to.sendBatch)
	if err != nil {
		return 0, err
	}
	if someFailed(reply) {
		return 0, fmt.Errorf("not all messages of a batch were sent: %.300s", reply)
	}
	return 10, nil
}

// receive asks for messages and keeps their handles.
func (c *caller) receive(request []byte) error {
	reply, err := c.do(request)
	c.handles = lean.Find(c.handles[:0], reply, "ReceiptHandle")
	return err
}

// receiveDelete receives one message, which must be there, and deletes it.
func receiveDelete(c *caller) (int, error) {
	if err := c.receive(c.to.receiveOne); err != nil {
		return 0, err
	}
	if len(c.handles) != 1 {
		return 0, fmt.Errorf("asked for one message of a queue with more, got %d", len(c.handles))
	}
	return 1, c.deleteOne()
}

// deleteOne deletes the message received last.
func (c *caller) deleteOne() error {
	c.body = append(c.body[:0], c.to.deleteFrom...)
	c.body = append(c.body, c.handles[0]...)
	c.body = append(c.body, `"}`...)
	c.out = c.to.delete.Append(c.out[:0], c.body)
	_, err := c.do(c.out)
	return err
}

// receiveDeleteTen receives up to ten messages and deletes them together.
func receiveDeleteTen(c *caller) (int, error) {
	if err := c.receive(c.to.receiveTen); err != nil || len(c.handles) == 0 {
		return 0, err
	}
	return len(c.handles), c.deleteAll()
}

// deleteAll deletes the messages received last, together.
func (c *caller) deleteAll() error {
	c.body = append(c.body[:0], c.to.deleteBatchOf...)
	for i, h := range c.handles {
		c.body = append(c.body, `{"Id":"m`...)
		c.body = append(c.body, '0'+byte(i), '"')
		c.body = append(c.body, `,"ReceiptHandle":"`...)
		c.body = append(c.body, h...)
		c.body = append(c.body, `"},`...)
	}
	c.body = append(c.body[:len(c.body)-1], "]}"...)
	c.out = c.to.deleteBatch.Append(c.out[:0], c.body)
	reply, err := c.do(c.out)
	if err == nil && someFailed(reply) {
		err = fmt.Errorf("not all messages of a batch were deleted: %.300s", reply)
	}
	return err
}

// cycle sends ten messages, receives ten and deletes them.
func cycle(c *caller) (int, error) {
	if _, err := sendBatch(c); err != nil {
		return 0, err
	}
	return receiveDeleteTen(c)
}
