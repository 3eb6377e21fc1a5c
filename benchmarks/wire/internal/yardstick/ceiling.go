package yardstick

import (
	"encoding/json"
	"net/http"
	"strings"
)

// Ceiling returns a handler that decodes every request with encoding/json and gives a fixed answer of
// the right shape: of as many messages as asked for (1 without a number), with bodies of that many
// bytes.
func Ceiling(body int) http.Handler {
	r := newReplies(body)
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		in, err := read(req)
		defer in.free()
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		action := strings.TrimPrefix(req.Header.Get("X-Amz-Target"), "AmazonSQS.")
		reply, err := r.decoded(action, in.bytes)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		write(w, reply)
	})
}

// decoded decodes the request and returns the answer.
func (r *replies) decoded(action string, body []byte) ([]byte, error) {
	switch action {
	case "SendMessage":
		return r.send, json.Unmarshal(body, new(sendRequest))
	case "SendMessageBatch":
		return r.sendBatch, json.Unmarshal(body, new(sendBatchRequest))
	case "ReceiveMessage":
		var in receiveRequest
		err := json.Unmarshal(body, &in)
		if in.MaxNumberOfMessages == nil {
			return r.receive[1], err
		}
		return r.receive[min(max(*in.MaxNumberOfMessages, 0), 10)], err
	case "DeleteMessage":
		return nil, json.Unmarshal(body, new(deleteRequest))
	case "DeleteMessageBatch":
		return r.deleteBatch, json.Unmarshal(body, new(deleteBatchRequest))
	default:
		return r.plain(action), nil
	}
}

// plain is the answer to the action when nothing of the request but its action is known.
func (r *replies) plain(action string) []byte {
	switch action {
	case "SendMessage":
		return r.send
	case "SendMessageBatch":
		return r.sendBatch
	case "DeleteMessageBatch":
		return r.deleteBatch
	case "ReceiveMessage":
		return r.receive[10]
	case "CreateQueue", "GetQueueUrl":
		return r.queue
	case "ListQueues":
		return r.none
	default: // DeleteMessage, DeleteQueue, ...
		return nil
	}
}
