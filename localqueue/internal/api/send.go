package api

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// Queue is what the rules of a send ask of the queue.
type Queue struct {
	FIFO         bool
	ContentDedup bool
	MaxSize      int // bytes
}

// Prepared is a send that passed every rule, ready for the engine.
type Prepared struct {
	Message      engine.Message
	AttributeMD5 string // hex; "" without attributes
	SystemMD5    string
}

// Size is what the message counts against size limits: body and attributes.
func (m *Send) Size() int {
	n := len(m.Body)
	for i := range m.Attributes {
		n += m.Attributes[i].size()
	}
	return n
}

// TooLong is the error for a message over the queue's limit; inBatch, that of
// an entry of a standard queue's batch.
func TooLong(limit int, inBatch bool) error {
	verb := "are invalid"
	if inBatch {
		verb = "cannot be validated"
	}
	return invalid("One or more parameters %s. Reason: Message must be shorter than %d bytes.", verb, limit)
}

// MissingFIFO is the error of a message that lacks what a FIFO queue needs, nil
// if it has all. In a batch, where one such entry fails the whole, the code is
// InvalidParameterValue throughout.
func (m *Send) MissingFIFO(q Queue, inBatch bool) error {
	if !m.Group.Set {
		err := Missing("MessageGroupId").(*engine.Error)
		if inBatch {
			err.Code = engine.CodeInvalidParameterValue
		}
		return err
	}
	if !m.Dedup.Set && !q.ContentDedup {
		return invalid("The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")
	}
	return nil
}

// Prepare checks m against every rule that needs no other message and encodes it,
// appending to buf, which is returned; the result refers to it.
func (m *Send) Prepare(q Queue, inBatch bool, buf []byte) (Prepared, []byte, error) {
	trace, err := m.check(q, inBatch)
	if err != nil {
		return Prepared{}, buf, err
	}
	c := Content{Group: m.Group.S, Trace: trace, Attributes: m.Attributes, Body: m.Body}
	p := Prepared{AttributeMD5: MD5OfAttributes(m.Attributes), SystemMD5: MD5OfAttributes(m.System)}
	p.Message.Delay = -1
	if m.Delay.Set {
		p.Message.Delay = time.Duration(m.Delay.N) * time.Second
	}
	if q.FIFO {
		c.Dedup = m.Dedup.S
		if !m.Dedup.Set {
			sum := sha256.Sum256([]byte(m.Body))
			c.Dedup = hex.EncodeToString(sum[:])
		}
		p.Message.Dedup = c.Dedup
	}
	p.Message.Group = m.Group.S
	start := len(buf)
	buf = AppendContent(buf, &c)
	p.Message.Blob = buf[start:len(buf):len(buf)]
	p.Message.MD5 = md5.Sum(buf[len(buf)-len(m.Body):])
	return p, buf, nil
}

func (m *Send) check(q Queue, inBatch bool) (trace string, err error) {
	if m.Body == "" {
		return "", Missing("MessageBody")
	}
	if !legalText(m.Body) {
		return "", engine.Errorf(engine.CodeInvalidMessageContents, illegalText)
	}
	if err := checkAttributes(m.Attributes); err != nil {
		return "", err
	}
	if trace, err = checkSystem(m.System); err != nil {
		return "", err
	}
	if trace == "" && legalText(m.Trace) {
		trace = m.Trace
	}
	if m.Size() > q.MaxSize {
		return "", TooLong(q.MaxSize, inBatch)
	}
	if m.Delay.Set && (m.Delay.N < 0 || m.Delay.N > 900) {
		return "", invalid("Value %d for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.", m.Delay.N)
	}
	if q.FIFO {
		if err := m.MissingFIFO(q, inBatch); err != nil {
			return "", err
		}
		if m.Delay.N > 0 {
			return "", wrongKind("DelaySeconds", m.Delay.N)
		}
	}
	if m.Group.Set {
		if err := checkID("MessageGroupId", m.Group.S); err != nil {
			return "", err
		}
	}
	if m.Dedup.Set && !q.FIFO {
		return "", wrongKind("MessageDeduplicationId", m.Dedup.S)
	}
	if m.Dedup.Set {
		return trace, checkID("MessageDeduplicationId", m.Dedup.S)
	}
	return trace, nil
}
