package main

import (
	"bytes"
	"fmt"

	"github.com/quayside-go/quayside/benchmarks/wire/internal/lean"
)

// requests are those to one queue, made beforehand. Their bytes are shared by all callers.
type requests struct {
	send, sendBatch           []byte
	receiveOne, receiveTen    []byte
	receiveLong               []byte // one message, or 20 seconds
	ask                       []byte // GetQueueUrl
	remove                    []byte // DeleteQueue
	count                     []byte // GetQueueAttributes
	delete, deleteBatch       lean.Head
	deleteFrom, deleteBatchOf []byte // how the bodies of the two begin

	url, text     string    // the queue's URL, and a message
	sendBatchHead lean.Head // SendMessageBatch of messages that are made anew each time
	sendBatchOf   []byte
	groups        int64 // of those messages; 0: it is no FIFO queue
	separate      bool  // groups have nothing to do with one another: see highThroughput
}

// newRequests makes the requests to a queue; queue is its URL as it stands in JSON, body the size of the
// messages in bytes.
func (s *server) newRequests(name string, queue []byte, body int) *requests {
	text := letters(body)
	url := fmt.Appendf(nil, `{"QueueUrl":"%s"`, queue)
	request := func(action string, parts ...string) []byte {
		b := bytes.Clone(url)
		for _, p := range parts {
			b = append(b, p...)
		}
		return s.head(action).Append(nil, append(b, '}'))
	}
	return &requests{
		send:        request("SendMessage", `,"MessageBody":"`, text, `"`),
		sendBatch:   request("SendMessageBatch", `,"Entries":[`, entries(text), `]`),
		receiveOne:  request("ReceiveMessage", `,"MaxNumberOfMessages":1,"WaitTimeSeconds":0`),
		receiveTen:  request("ReceiveMessage", `,"MaxNumberOfMessages":10,"WaitTimeSeconds":0`),
		receiveLong: request("ReceiveMessage", `,"MaxNumberOfMessages":1,"WaitTimeSeconds":20`),
		ask:         s.head("GetQueueUrl").Append(nil, fmt.Appendf(nil, `{"QueueName":"%s"}`, name)),
		remove:      request("DeleteQueue"),
		count:       request("GetQueueAttributes", `,"AttributeNames":["ApproximateNumberOfMessages","ApproximateNumberOfMessagesNotVisible"]`),

		delete:        s.head("DeleteMessage"),
		deleteFrom:    append(bytes.Clone(url), `,"ReceiptHandle":"`...),
		deleteBatch:   s.head("DeleteMessageBatch"),
		deleteBatchOf: append(bytes.Clone(url), `,"Entries":[`...),

		url: string(queue), text: text,
		sendBatchHead: s.head("SendMessageBatch"),
		sendBatchOf:   append(bytes.Clone(url), `,"Entries":[`...),
	}
}

// entries are the ten messages of a batch, without the brackets.
func entries(text string) string {
	var b []byte
	for i := range 10 {
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, `{"Id":"m%d","MessageBody":"%s"}`, i, text)
	}
	return string(b)
}

// letters is a text of n bytes in which JSON has nothing to escape.
func letters(n int) string {
	const alphabet = "the quick brown fox jumps over the lazy dog 0123456789 "
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[i%len(alphabet)]
	}
	return string(b)
}
