package conformance

import "strings"

var sizeCases = []testCase{
	{"size/limit-of-the-queue", "2 size", 0, func(c *checker) {
		q := c.queue("orders", "MaximumMessageSize", "1024")
		q.send(strings.Repeat("x", 1024))
		q.send(strings.Repeat("é", 512)) // bytes of UTF-8, not characters
		for _, body := range []string{strings.Repeat("x", 1025), strings.Repeat("é", 512) + "x"} {
			_, err := q.trySend(body)
			c.wantError(err, invalidParameter, tooLong(1024))
		}
	}},
	{"size/default-limit", "2 size", 0, func(c *checker) {
		q := c.queue("orders")
		q.send(strings.Repeat("x", 1<<20))
		_, err := q.trySend(strings.Repeat("x", 1<<20+1))
		c.wantError(err, invalidParameter, tooLong(1<<20))
	}},
	{"size/attributes-count", "2 size", 0, func(c *checker) {
		q := c.queue("orders", "MaximumMessageSize", "1024")
		// name, type with label and value: 4+13+100; 4+6+200 with the bytes as they are
		attributes := []sendOption{
			with("name", text("String.custom", strings.Repeat("v", 100))),
			with("blob", blob("Binary", make([]byte, 200))),
		}
		const size = 4 + 13 + 100 + 4 + 6 + 200
		q.send(strings.Repeat("x", 1024-size), attributes...)
		_, err := q.trySend(strings.Repeat("x", 1024-size+1), attributes...)
		c.wantError(err, invalidParameter, tooLong(1024))
	}},
	{"size/system-attributes-are-free", "2 size", 0, func(c *checker) {
		c.queue("orders", "MaximumMessageSize", "1024").send(strings.Repeat("x", 1024), header("Root=1-5759e988-bd862e3fe1be46a994272793"))
	}},
	{"size/limit-changes", "2 size", Exact, func(c *checker) {
		q := c.queue("orders", "MaximumMessageSize", "1024")
		q.send(strings.Repeat("x", 1024))
		q.set("MaximumMessageSize", "2000")
		q.send(strings.Repeat("x", 2000))
		q.set("MaximumMessageSize", "1024")
		_, err := q.trySend(strings.Repeat("x", 1025))
		c.wantError(err, invalidParameter, tooLong(1024))
		equal(c, "messages left", len(q.receive(10)), 2) // those queued are left alone
	}},
	{"size/entry-too-long", "2 size", 0, func(c *checker) {
		q := c.queue("orders", "MaximumMessageSize", "1024")
		out := q.sendBatch(entry("long", strings.Repeat("x", 1025)), entry("good", "hello"))
		c.wantSent(out, "good")
		c.wantFailed(out.Failed, failure{"long", invalidParameter, "One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes."})
	}},
	{"size/entry-too-long-on-fifo", "2 size", Emulated, func(c *checker) {
		q := c.fifo("orders", "MaximumMessageSize", "1024")
		_, err := q.trySendBatch(entry("good", "hello", group("A")), entry("long", strings.Repeat("x", 1025), group("A")))
		c.wantError(err, invalidParameter, "")
		q.none()
	}},
	{"size/batch-total", "2 size", 0, func(c *checker) {
		q := c.queue("orders")
		half := strings.Repeat("x", 1<<19)
		c.wantSent(q.sendBatch(entry("a", half), entry("b", half)), "a", "b")
		_, err := q.trySendBatch(entry("a", half), entry("b", half+"x"))
		c.wantError(err, batchTooLong, "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.")
		_, err = q.trySendBatch(entry("a", half), entry("b", half, with("n", text("String", "v"))))
		c.wantError(err, batchTooLong, "Batch requests cannot be longer than 1048576 bytes. You have sent 1048584 bytes.")
	}},
	{"size/batch-total-is-fixed", "2 size", 0, func(c *checker) {
		q := c.queue("orders", "MaximumMessageSize", "1024")
		k := strings.Repeat("x", 1024)
		c.wantSent(q.sendBatch(entry("a", k), entry("b", k), entry("c", k)), "a", "b", "c")
		// the total is looked at before the entries
		_, err := q.trySendBatch(entry("a", strings.Repeat("x", 1<<20+1)))
		c.wantError(err, batchTooLong, "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.")
	}},
}
