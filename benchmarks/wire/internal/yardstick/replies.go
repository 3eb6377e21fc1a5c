package yardstick

import (
	"encoding/json"
	"fmt"
	"strings"
)

const (
	requestID = "5e1c7e1a-0c7d-4f6e-9a2b-3d4c5b6a7988"
	messageID = "0b7a3c1d-9e8f-4a6b-8c5d-7e6f5a4b3c2d"
	checksum  = "d41d8cd98f00b204e9800998ecf8427e"
	handle    = "AQEB0123456789abcdefghijklmnopqrstuvwxyzABCDEFGH"
	queueURL  = "http://127.0.0.1/000000000000/yardstick"
)

// replies are the bodies of the fixed answers.
type replies struct {
	queue, none, send, sendBatch, deleteBatch []byte
	receive                                   [11][]byte // by the number of messages
}

type message struct{ MessageId, ReceiptHandle, MD5OfBody, Body string }

type sent struct{ Id, MD5OfMessageBody, MessageId string }

// newReplies makes answers whose messages have bodies of that many bytes.
func newReplies(body int) (r replies) {
	r.queue = encode(map[string]string{"QueueUrl": queueURL})
	r.none = encode(struct{}{})
	r.send = encode(map[string]string{"MD5OfMessageBody": checksum, "MessageId": messageID})
	var batch []sent
	var deleted []map[string]string
	for i := range 10 {
		id := fmt.Sprintf("m%d", i)
		batch = append(batch, sent{id, checksum, messageID})
		deleted = append(deleted, map[string]string{"Id": id})
	}
	r.sendBatch = encode(map[string]any{"Successful": batch, "Failed": []sent{}})
	r.deleteBatch = encode(map[string]any{"Successful": deleted, "Failed": []sent{}})
	r.receive[0] = r.none
	m := message{messageID, handle, checksum, strings.Repeat("m", body)}
	for n, all := 1, []message(nil); n < len(r.receive); n++ {
		all = append(all, m)
		r.receive[n] = encode(map[string]any{"Messages": all})
	}
	return r
}

// encode is json.Marshal for values that have a JSON form.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("yardstick: %T has no JSON form: %v", v, err))
	}
	return b
}
