package conformance

import (
	"encoding/base64"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

const (
	noSource      = "The resource that you specified for the SourceArn parameter doesn't exist."
	noDestination = "The resource that you specified for the DestinationArn parameter doesn't exist."
	noDeadLetters = "Source queue must be configured as a Dead Letter Queue."
	oneTask       = "There is already a task running. Only one active task is allowed for a source queue arn at a given time."
	noTask        = "Task does not exist."
)

func taskHandle(id, source string) string {
	return base64.StdEncoding.EncodeToString([]byte(`{"taskId":"` + id + `","sourceArn":"` + source + `"}`))
}

var moveTaskErrorCases = []testCase{
	{"move-tasks/source-is-no-dlq", "7 StartMessageMoveTask", 0, func(c *checker) {
		q, dest := c.queue("orders"), c.queue("dest")
		_, err := c.tryMove(q.arn(), to(dest.arn()))
		c.wantError(err, invalidParameter, noDeadLetters)
	}},
	{"move-tasks/source-is-no-dlq-any-more", "7 StartMessageMoveTask", Exact, func(c *checker) {
		q, dlq := deadLetters(c, "", 1)
		dest := c.queue("dest")
		q.set("RedrivePolicy", "")
		_, err := c.tryMove(dlq.arn(), to(dest.arn()))
		c.wantError(err, invalidParameter, noDeadLetters)
	}},
	{"move-tasks/source-missing", "7 StartMessageMoveTask", 0, func(c *checker) {
		dlq, dest := moveTarget(c, "")
		_, err := c.tryMove(dlq.arn()+"-not-here", to(dest.arn()))
		c.wantError(err, notFound, noSource)
	}},
	{"move-tasks/destination-missing", "7 StartMessageMoveTask", 0, func(c *checker) {
		dlq, dest := moveTarget(c, "")
		_, err := c.tryMove(dlq.arn(), to(dest.arn()+"-not-here"))
		c.wantError(err, notFound, noDestination)
	}},
	{"move-tasks/second-task", "7 StartMessageMoveTask", Exact | Virtual, func(c *checker) {
		dlq, dest := moveTarget(c, "")
		dlq.fill(10, "m")
		dlq.move(to(dest.arn()), rate(1))
		_, err := c.tryMove(dlq.arn(), to(dest.arn()))
		c.wantError(err, invalidParameter, oneTask)
		_, err = c.tryMove(dlq.arn())
		c.wantError(err, invalidParameter, oneTask)

		second := c.queue("dlq2") // another source may have its own
		c.queue("source2", "RedrivePolicy", redrivePolicy(second, 1))
		second.send("hello")
		second.move(to(dest.arn()))
		second.finish("COMPLETED")
		dlq.finish("COMPLETED")
		dlq.move(to(dest.arn()))
	}},
	{"move-tasks/same-queue", "7 StartMessageMoveTask", 0, func(c *checker) {
		dlq, _ := moveTarget(c, "")
		_, err := c.tryMove(dlq.arn(), to(dlq.arn()))
		c.wantError(err, invalidParameter, c.emulated("Source queue arn and destination queue arn cannot be the same."))
	}},
	{"move-tasks/mixed-types", "7 StartMessageMoveTask", 0, func(c *checker) {
		const want = "The source queue and destination queue must be of the same queue type."
		standard, standardDest := moveTarget(c, "")
		fifo, fifoDest := moveTarget(c, ".fifo")
		_, err := c.tryMove(standard.arn(), to(fifoDest.arn()))
		c.wantError(err, invalidParameter, c.emulated(want))
		_, err = c.tryMove(fifo.arn(), to(standardDest.arn()))
		c.wantError(err, invalidParameter, c.emulated(want))
	}},
	{"move-tasks/bad-arn", "7 StartMessageMoveTask", Emulated, func(c *checker) {
		_, err := c.tryMove("dlq")
		c.wantError(err, invalidParameter, "You must use this format to specify the SourceArn: arn:<partition>:<service>:<region>:<account-id>:<resource-id>")
	}},
	{"move-tasks/list-of-missing-source", "7 ListMessageMoveTasks", Emulated, func(c *checker) {
		q := c.queue("orders")
		_, err := c.client.ListMessageMoveTasks(c.ctx, &sqs.ListMessageMoveTasksInput{SourceArn: new(q.arn() + "-not-here")})
		c.wantError(err, notFound, noSource)
	}},
	{"move-tasks/cancel-bad-handle", "7 CancelMessageMoveTask", 0, func(c *checker) {
		for _, h := range []string{"!", "bm8ganNvbg=="} {
			_, err := c.tryCancel(h)
			c.wantError(err, invalidParameter, "Value for parameter TaskHandle is invalid.")
		}
	}},
	{"move-tasks/cancel-unknown-queue", "7 CancelMessageMoveTask", 0, func(c *checker) {
		q := c.queue("orders")
		_, err := c.tryCancel(taskHandle("6f1c1c5e-5e0b-4c39-9d5b-0f0b6a1b2c3d", q.arn()+"-not-here"))
		c.wantError(err, notFound, noSource)
	}},
	{"move-tasks/cancel-unknown-task", "7 CancelMessageMoveTask", 0, func(c *checker) {
		dlq, dest := moveTarget(c, "")
		for _, q := range []*queue{dlq, dest} { // also where the queue is no dead-letter queue
			_, err := c.tryCancel(taskHandle("6f1c1c5e-5e0b-4c39-9d5b-0f0b6a1b2c3d", q.arn()))
			c.wantError(err, notFound, noTask)
		}
	}},
	{"move-tasks/100-active", "7 StartMessageMoveTask", Virtual | Exact | Emulated, func(c *checker) {
		dest := c.queue("dest")
		for i := range 101 {
			dlq := c.queue(fmt.Sprint("dlq", i))
			c.queue(fmt.Sprint("source", i), "RedrivePolicy", redrivePolicy(dlq, 1))
			dlq.fill(10, "m")
			_, err := c.tryMove(dlq.arn(), to(dest.arn()), rate(1))
			if i < 100 {
				c.do(err)
			} else {
				c.wantRefused(err)
			}
		}
	}},
}
