package killtest_test

import (
	"slices"
	"strconv"
	"strings"
)

// What faults make of requests and replies.

// set gives all messages of a reply the same system attribute.
func set(name, value string) func(*fault, []map[string]any) {
	return func(_ *fault, all []map[string]any) {
		for _, m := range all {
			if a := systemOf(m); a[name] != nil {
				a[name] = value
			}
		}
	}
}

// vary makes a time another one in some replies.
func vary(name string) func(*fault, []map[string]any) {
	return func(f *fault, all []map[string]any) {
		for _, m := range all {
			if a := systemOf(m); f.every(2, name) {
				n, _ := strconv.Atoi(a[name].(string))
				a[name] = strconv.Itoa(n + 1)
			}
		}
	}
}

// forgetTimeouts answers changes of visibility and does nothing, but for those to 0.
func forgetTimeouts(_ *fault, x *exchange) {
	if x.action != "ChangeMessageVisibility" && x.action != "ChangeMessageVisibilityBatch" {
		return
	}
	for _, e := range append(entriesOf(x.in), x.in) {
		if n, _ := e["VisibilityTimeout"].(float64); n > 0 {
			x.pretend()
		}
	}
}

// without drops fields of messages.
func without(names ...string) func(*fault, []map[string]any) {
	return func(_ *fault, all []map[string]any) {
		for _, m := range all {
			for _, name := range names {
				delete(m, name)
			}
		}
	}
}

// countDown gives the later receives of a message the lower numbers.
func countDown(f *fault, all []map[string]any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range all {
		id := m["MessageId"].(string)
		f.seen[id]++
		systemOf(m)["ApproximateReceiveCount"] = strconv.Itoa(max(1, 1000-f.seen[id]))
	}
}

// mixUp exchanges what the first two messages say.
func mixUp(_ *fault, all []map[string]any) {
	if len(all) < 2 {
		return
	}
	for _, name := range []string{"MessageId"} {
		all[0][name], all[1][name] = all[1][name], all[0][name]
	}
}

// backwards turns replies around.
func backwards(_ *fault, all []map[string]any) {
	var copies []map[string]any
	for _, m := range all {
		c := map[string]any{}
		for k, v := range m {
			c[k] = v
		}
		copies = append(copies, c)
	}
	slices.Reverse(copies)
	for i, m := range all {
		clear(m)
		for k, v := range copies[i] {
			m[k] = v
		}
	}
}

// undelay drops delays.
func undelay(_ *fault, x *exchange) {
	for _, e := range append(entriesOf(x.in), x.in) {
		if e["DelaySeconds"] != nil {
			e["DelaySeconds"] = 0
		}
	}
}

// renameRepeats gives a deduplication id another name when it is used again.
func renameRepeats(f *fault, x *exchange) {
	for _, e := range append(entriesOf(x.in), x.in) {
		if id, _ := e["MessageDeduplicationId"].(string); id != "" && f.every(2, id) {
			e["MessageDeduplicationId"] = id + "again"
		}
	}
}

// renameAttempts does the same to the ids of receives.
func renameAttempts(f *fault, x *exchange) {
	if id, _ := x.in["ReceiveRequestAttemptId"].(string); id != "" && f.every(2, id) {
		x.in["ReceiveRequestAttemptId"] = id + "again"
	}
}

// sameNumber answers all sends with the first sequence number of all.
func sameNumber(_ *fault, x *exchange) {
	if x.action != "SendMessage" {
		return
	}
	if x.answer = x.serve(x.in); x.answer != nil && x.answer["SequenceNumber"] != nil {
		x.answer["SequenceNumber"] = "18850000000000000256"
	}
}

// moveBack has move tasks begin anew in every third list.
func moveBack(f *fault, x *exchange) {
	if x.action != "ListMessageMoveTasks" {
		return
	}
	x.answer = x.serve(x.in)
	if list, _ := x.answer["Results"].([]any); len(list) > 0 && f.every(3, x.action) {
		list[0].(map[string]any)["ApproximateNumberOfMessagesMoved"] = 0
	}
}

// dropTask leaves the latest task out of every fifth list.
func dropTask(f *fault, x *exchange) {
	if x.action != "ListMessageMoveTasks" {
		return
	}
	x.answer = x.serve(x.in)
	if list, _ := x.answer["Results"].([]any); len(list) > 0 && f.every(5, x.action) {
		x.answer["Results"] = list[1:]
	}
}

// disorder fails the self-check.
func disorder(_ *fault, x *exchange) {
	if x.action == checkPath {
		x.status = 409
	}
}

// hangUp breaks the connection of every hundredth request.
func hangUp(f *fault, x *exchange) { x.abort = f.every(100, x.action) }

// refuseOld refuses handles of earlier lives.
func refuseOld(f *fault, x *exchange) {
	noteHandles(f, x)
	handle, _ := x.in["ReceiptHandle"].(string)
	f.mu.Lock()
	defer f.mu.Unlock()
	if handle != "" && slices.ContainsFunc(f.handles[:f.before], func(h held) bool { return h.handle == handle }) {
		x.in["ReceiptHandle"] = "AQEBnonsense"
	}
}

// noteLife notes which handles are old.
func noteLife(f *fault) { f.before = len(f.handles) }

// dropFirst hides the first of several messages.
func dropFirst(_ *fault, all []map[string]any) {
	if len(all) > 1 {
		backwards(nil, all[:2])
	}
}

// double sends once more what is received, every now and then.
func double(f *fault, x *exchange) {
	noteHandles(f, x)
	if x.action == "ReceiveMessage" && f.every(4, x.action) {
		sendAgain(f)
	}
}

// firstIDs has a message that was moved come with its old MessageId at times.
func firstIDs(f *fault, all []map[string]any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ids == nil {
		f.ids = map[string]string{}
	}
	for _, m := range all {
		head, _, _ := strings.Cut(m["Body"].(string), ":")
		first, id := f.ids[head], m["MessageId"].(string)
		switch {
		case first == "":
			f.ids[head] = id
		case first != id && f.seen[id] > 0:
			m["MessageId"] = first
		case first != id:
			f.seen[id]++
		}
	}
}

// earlyDead has dead letters come with a low count.
func earlyDead(_ *fault, all []map[string]any) {
	for _, m := range all {
		if a := systemOf(m); a["DeadLetterQueueSourceArn"] != nil {
			a["ApproximateReceiveCount"] = "2"
		}
	}
}
