package conformance

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// A moveOption edits a StartMessageMoveTask before it goes out.
type moveOption func(*sqs.StartMessageMoveTaskInput)

func to(arn string) moveOption {
	return func(in *sqs.StartMessageMoveTaskInput) { in.DestinationArn = &arn }
}

func rate(n int32) moveOption {
	return func(in *sqs.StartMessageMoveTaskInput) { in.MaxNumberOfMessagesPerSecond = &n }
}

func (c *checker) tryMove(source string, opts ...moveOption) (handle string, err error) {
	in := &sqs.StartMessageMoveTaskInput{SourceArn: &source}
	for _, o := range opts {
		o(in)
	}
	out, err := c.client.StartMessageMoveTask(c.ctx, in)
	if err != nil {
		return "", err
	}
	return deref(out.TaskHandle), nil
}

func (q *queue) move(opts ...moveOption) (handle string) {
	q.c.Helper()
	h, err := q.c.tryMove(q.arn(), opts...)
	return ok(q.c, h, err)
}

func (c *checker) tryCancel(handle string) (moved int64, err error) {
	out, err := c.client.CancelMessageMoveTask(c.ctx, &sqs.CancelMessageMoveTaskInput{TaskHandle: &handle})
	if err != nil {
		return 0, err
	}
	return out.ApproximateNumberOfMessagesMoved, nil
}

// tasks lists up to n tasks; 0 leaves the number out.
func (q *queue) tasks(n int32) []types.ListMessageMoveTasksResultEntry {
	q.c.Helper()
	in := &sqs.ListMessageMoveTasksInput{SourceArn: new(q.arn())}
	if n != 0 {
		in.MaxResults = &n
	}
	out, err := q.c.client.ListMessageMoveTasks(q.c.ctx, in)
	return ok(q.c, out, err).Results
}

// task is the latest task.
func (q *queue) task() types.ListMessageMoveTasksResultEntry {
	q.c.Helper()
	list := q.tasks(0)
	if len(list) != 1 {
		q.c.Fatalf("%s\nwant one task", q.c.trace.last())
	}
	return list[0]
}

// finish awaits the end of the latest task, which must have this status then.
func (q *queue) finish(status string) types.ListMessageMoveTasksResultEntry {
	q.c.Helper()
	for range 300 {
		t := q.task()
		if s := deref(t.Status); s != "RUNNING" && s != "CANCELLING" {
			equal(q.c, "Status", s, status)
			return t
		}
		q.c.sleep(time.Second)
	}
	q.c.Fatalf("%s\nwant status %s after 5 minutes", q.c.trace.last(), status)
	panic("unreachable")
}

// moveTarget makes a dead-letter queue, by way of some queue that names it, and
// a destination.
func moveTarget(c *checker, suffix string) (dlq, dest *queue) {
	c.Helper()
	dlq, dest = c.queue("dlq"+suffix), c.queue("dest"+suffix)
	c.queue("source"+suffix, "RedrivePolicy", redrivePolicy(dlq, 1))
	return dlq, dest
}

// bury sends bodies to q, whose policy allows one receive, and receives them to death.
func bury(q *queue, bodies ...string) {
	q.c.Helper()
	for _, b := range bodies {
		if q.fifo {
			q.sendTo("A", b)
		} else {
			q.send(b)
		}
	}
	q.expect(10, bodies...)
	q.none()
}

var moveTaskCases = []testCase{
	{"move-tasks/handle", "7 StartMessageMoveTask", 0, func(c *checker) {
		dlq, dest := moveTarget(c, "")
		h := dlq.move(to(dest.arn()))
		raw, err := base64.StdEncoding.DecodeString(h)
		var got map[string]string
		if err == nil {
			err = json.Unmarshal(raw, &got)
		}
		if err != nil || len(got) != 2 || len(got["taskId"]) != 36 || got["sourceArn"] != dlq.arn() {
			c.Errorf(`TaskHandle: got %q, decoded %q (%v), want base64 of {"taskId":"<uuid>","sourceArn":%q}`, h, raw, err, dlq.arn())
		}
	}},
	{"move-tasks/to-destination", "7 StartMessageMoveTask", 0, func(c *checker) {
		dlq, dest := moveTarget(c, "")
		sent := dlq.send("hello", with("color", text("String", "blue")))
		dlq.move(to(dest.arn()))
		dlq.finish("COMPLETED")
		m := dest.with(attributeNames("All")).one("hello")
		if deref(m.MessageId) == deref(sent.MessageId) {
			c.Errorf("MessageId of the moved message: got the old one, %s, want a new one", deref(m.MessageId))
		}
		equal(c, "MD5OfMessageAttributes", deref(m.MD5OfMessageAttributes), "da1b33cc3cbfe8b1630921e78e6b9880")
		dlq.none()
	}},
	{"move-tasks/back-to-sources", "7 StartMessageMoveTask", Exact, func(c *checker) {
		q, dlq := deadLetters(c, "", 1)
		other := c.queue("other", "VisibilityTimeout", "0", "RedrivePolicy", redrivePolicy(dlq, 1))
		bury(q, "a", "b")
		bury(other, "c")
		dlq.wantCounts(3, 0, 0)
		dlq.move()
		dlq.finish("COMPLETED")
		q.wantCounts(2, 0, 0)
		other.wantCounts(1, 0, 0)
		dlq.wantCounts(0, 0, 0)
		q.expect(10, "a", "b") // though one receive is all they get
		other.expect(10, "c")
	}},
	{"move-tasks/count-restarts", "7 StartMessageMoveTask", Exact, func(c *checker) {
		q, dlq := deadLetters(c, "", 1)
		bury(q, "hello")
		dlq.move()
		dlq.finish("COMPLETED")
		equal(c, "ApproximateReceiveCount", count(q.with(allSystem).one("hello")), "1")
		q.none() // and to the dead-letter queue again
		dlq.expect(10, "hello")
	}},
	{"move-tasks/new-enqueue-time", "7 StartMessageMoveTask", Virtual | Exact, func(c *checker) {
		dlq, dest := moveTarget(c, "")
		dest.set("MessageRetentionPeriod", "60")
		dlq.send("hello")
		c.sleep(time.Hour)
		dlq.move(to(dest.arn()), rate(500))
		c.sleep(time.Second)
		dlq.finish("COMPLETED")
		m := dest.with(allSystem, hide(1)).one("hello")
		ms, err := strconv.ParseInt(m.Attributes["SentTimestamp"], 10, 64)
		moved := time.UnixMilli(ms)
		if err != nil || time.Since(moved) > time.Minute {
			c.Fatalf("SentTimestamp: got %q, want the time of the move", m.Attributes["SentTimestamp"])
		}
		c.sleep(time.Until(moved.Add(time.Minute - time.Second)))
		dest.wantCounts(1, 0, 0)
		c.sleep(2 * time.Second) // the stamp is cut to milliseconds
		dest.wantCounts(0, 0, 0)
	}},
	{"move-tasks/oldest-first", "7 StartMessageMoveTask", Virtual | Exact, func(c *checker) {
		dlq, dest := moveTarget(c, "")
		for i := range 5 {
			dlq.send(fmt.Sprint("m", i+1))
		}
		dlq.move(to(dest.arn()), rate(1))
		for i := range 5 { // live sends in between
			c.sleep(time.Second + 100*time.Millisecond)
			dest.send(fmt.Sprint("live", i+1))
		}
		dlq.finish("COMPLETED")
		msgs := dest.with(allSystem).receive(10)
		equal(c, "messages at the destination", len(msgs), 10)
		var order []string
		last := ""
		for _, m := range msgs {
			if deref(m.Body)[0] == 'm' {
				order = append(order, deref(m.Body))
			}
			if m.Attributes["SentTimestamp"] < last {
				c.Errorf("%s came after a message sent later", deref(m.Body))
			}
			last = m.Attributes["SentTimestamp"]
		}
		if want := []string{"m1", "m2", "m3", "m4", "m5"}; !slices.Equal(order, want) {
			c.Errorf("order of the moved messages: got %q, want %q", order, want)
		}
	}},
	{"move-tasks/paced", "7 StartMessageMoveTask", Virtual | Exact, func(c *checker) {
		dlq, dest := moveTarget(c, "")
		dlq.fill(10, "m")
		dlq.move(to(dest.arn()), rate(2))
		for i := range 9 { // n messages take at least (n-1)/2 seconds
			c.sleep(500*time.Millisecond - 1)
			if moved := dlq.task().ApproximateNumberOfMessagesMoved; moved > int64(i+1) {
				c.Fatalf("just before %v: %d messages were moved, want at most %d at 2 a second", time.Duration(i+1)*500*time.Millisecond, moved, i+1)
			}
			equal(c, "Status", deref(dlq.task().Status), "RUNNING")
			c.sleep(1)
		}
		t := dlq.finish("COMPLETED")
		equal(c, "ApproximateNumberOfMessagesMoved", t.ApproximateNumberOfMessagesMoved, 10)
		dest.wantCounts(10, 0, 0)
	}},
	{"move-tasks/rate-range", "7 StartMessageMoveTask", 0, func(c *checker) {
		dlq, dest := moveTarget(c, "")
		for _, n := range []int32{-1, 0, 501} {
			_, err := c.tryMove(dlq.arn(), to(dest.arn()), rate(n))
			c.wantError(err, invalidParameter, c.emulated("Value for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: You must enter a number that's between 1 and 500."))
		}
		dlq.move(to(dest.arn()), rate(500))
	}},
	{"move-tasks/fifo", "7 StartMessageMoveTask", Exact, func(c *checker) {
		q, dlq := deadLetters(c, ".fifo", 1, "ContentBasedDeduplication", "true")
		bury(q, "a1", "a2", "a3")
		dlq.wantCounts(3, 0, 0)
		dlq.move()
		dlq.finish("COMPLETED")
		msgs := q.with(allSystem).expect(10, "a1", "a2", "a3")
		equal(c, "MessageGroupId", msgs[0].Attributes["MessageGroupId"], "A")
		equal(c, "ApproximateReceiveCount", count(msgs[0]), "1")
	}},
	{"move-tasks/running-entry", "7 ListMessageMoveTasks", Virtual | Exact, func(c *checker) {
		dlq, dest := moveTarget(c, "")
		dlq.fill(5, "m")
		h := dlq.move(to(dest.arn()), rate(1))
		started := time.Now().UnixMilli()
		c.sleep(1500 * time.Millisecond)
		t := dlq.task()
		equal(c, "Status", deref(t.Status), "RUNNING")
		equal(c, "TaskHandle", deref(t.TaskHandle), h)
		equal(c, "SourceArn", deref(t.SourceArn), dlq.arn())
		equal(c, "DestinationArn", deref(t.DestinationArn), dest.arn())
		equal(c, "MaxNumberOfMessagesPerSecond", deref(t.MaxNumberOfMessagesPerSecond), 1)
		equal(c, "ApproximateNumberOfMessagesToMove", deref(t.ApproximateNumberOfMessagesToMove), 5)
		equal(c, "StartedTimestamp", t.StartedTimestamp, started)
		dlq.send("later") // the number to move is the one found at the start
		t = dlq.finish("COMPLETED")
		equal(c, "ApproximateNumberOfMessagesToMove", deref(t.ApproximateNumberOfMessagesToMove), 5)
		if t.TaskHandle != nil || t.FailureReason != nil {
			c.Errorf("%s\nwant neither TaskHandle nor FailureReason on a completed task", c.trace.last())
		}
	}},
	{"move-tasks/entry-without-options", "7 ListMessageMoveTasks", Exact, func(c *checker) {
		q, dlq := deadLetters(c, "", 1)
		bury(q, "a", "b")
		dlq.move()
		t := dlq.finish("COMPLETED")
		if t.DestinationArn != nil || t.MaxNumberOfMessagesPerSecond != nil {
			c.Errorf("%s\nwant neither DestinationArn nor MaxNumberOfMessagesPerSecond, as they were not given", c.trace.last())
		}
		equal(c, "ApproximateNumberOfMessagesMoved", t.ApproximateNumberOfMessagesMoved, 2)
		equal(c, "ApproximateNumberOfMessagesToMove", deref(t.ApproximateNumberOfMessagesToMove), 2)
	}},
	{"move-tasks/history", "7 ListMessageMoveTasks", Virtual | Exact, func(c *checker) {
		dlq, dest := moveTarget(c, "")
		if got := dlq.tasks(10); got != nil {
			c.Errorf("%s\nwant no Results yet", c.trace.last())
		}
		var started []int64
		for range 3 {
			dlq.send("hello")
			dlq.move(to(dest.arn()))
			started = append(started, time.Now().UnixMilli())
			dlq.finish("COMPLETED")
			c.sleep(time.Minute)
		}
		stamps := func(n int32) (list []int64) {
			for _, t := range dlq.tasks(n) {
				list = append(list, t.StartedTimestamp)
			}
			return list
		}
		slices.Reverse(started) // newest first
		for _, n := range []int32{1, 2, 10} {
			if got, want := stamps(n), started[:min(int(n), 3)]; !slices.Equal(got, want) {
				c.Errorf("tasks of MaxResults %d: started at %v, want %v", n, got, want)
			}
		}
		if got := stamps(0); !slices.Equal(got, started[:1]) {
			c.Errorf("tasks by default: started at %v, want %v", got, started[:1])
		}
	}},
	{"move-tasks/list-out-of-range", "7 ListMessageMoveTasks", Emulated, func(c *checker) {
		dlq, _ := moveTarget(c, "")
		for _, n := range []int32{-1, 0, 11} {
			_, err := c.client.ListMessageMoveTasks(c.ctx, &sqs.ListMessageMoveTasksInput{SourceArn: new(dlq.arn()), MaxResults: &n})
			c.wantRefused(err)
		}
	}},
	{"move-tasks/cancel", "7 CancelMessageMoveTask", Virtual | Exact, func(c *checker) {
		dlq, dest := moveTarget(c, "")
		dlq.fill(10, "m")
		h := dlq.move(to(dest.arn()), rate(1))
		c.sleep(3500 * time.Millisecond)
		before := dlq.task().ApproximateNumberOfMessagesMoved
		moved, err := c.tryCancel(h)
		c.do(err)
		equal(c, "ApproximateNumberOfMessagesMoved of the cancellation", moved, before)
		if moved < 1 || moved > 4 {
			c.Errorf("after 3.5 s at 1 a second: got %d messages moved, want 1 to 4", moved)
		}
		t := dlq.finish("CANCELLED")
		if t.TaskHandle != nil {
			c.Errorf("%s\nwant no TaskHandle on a cancelled task", c.trace.last())
		}
		c.sleep(time.Minute)
		there, rest := len(dest.receive(10)), len(dlq.receive(10)) // the rest can be received
		equal(c, "messages moved in all", int64(there), t.ApproximateNumberOfMessagesMoved)
		equal(c, "messages moved and left", there+rest, 10)
	}},
	{"move-tasks/cancel-only-running", "7 CancelMessageMoveTask", 0, func(c *checker) {
		dlq, dest := moveTarget(c, "")
		dlq.send("hello")
		h := dlq.move(to(dest.arn()))
		dlq.finish("COMPLETED")
		_, err := c.tryCancel(h)
		c.wantRefused(err)
		equal(c, "Status", deref(dlq.task().Status), "COMPLETED")
	}},
	{"move-tasks/again-after-cancel", "7 CancelMessageMoveTask", Virtual | Exact, func(c *checker) {
		dlq, dest := moveTarget(c, "")
		dlq.fill(10, "m")
		_, err := c.tryCancel(dlq.move(to(dest.arn()), rate(1)))
		c.do(err)
		dlq.finish("CANCELLED")
		dlq.move(to(dest.arn()))
		dlq.finish("COMPLETED")
		dest.wantCounts(10, 0, 0)
	}},
	{"move-tasks/destination-vanishes", "7 ListMessageMoveTasks", Virtual | Exact, func(c *checker) {
		dlq, dest := moveTarget(c, "")
		dlq.fill(10, "m")
		dlq.move(to(dest.arn()), rate(1))
		c.sleep(2500 * time.Millisecond)
		c.do(dest.tryDeleteQueue())
		t := dlq.finish("FAILED")
		equal(c, "FailureReason", deref(t.FailureReason), nonExistentQueue)
		if t.TaskHandle != nil {
			c.Errorf("%s\nwant no TaskHandle on a failed task", c.trace.last())
		}
		equal(c, "messages left", int64(len(dlq.receive(10))), 10-t.ApproximateNumberOfMessagesMoved)
	}},
	{"move-tasks/36-hours", "7 StartMessageMoveTask", Virtual | Exact | Emulated | Heavy, func(c *checker) {
		dlq, dest := moveTarget(c, "")
		dlq.fill(36*60*60+100, "m")
		dlq.move(to(dest.arn()), rate(1))
		c.sleep(36*time.Hour - time.Minute)
		equal(c, "Status", deref(dlq.task().Status), "RUNNING")
		c.sleep(2 * time.Minute)
		if s := deref(dlq.task().Status); s == "RUNNING" || s == "COMPLETED" {
			c.Errorf("%s\nwant the task to be given up after 36 h", c.trace.last())
		}
		if len(dlq.receive(1)) == 0 {
			c.Errorf("%s\nwant messages left", c.trace.last())
		}
	}},
}
