// Package killtest_test kills a durable server, again and again, at random instants,
// and holds what it finds afterwards against a record of what was answered.
//
// A server runs in a process of its own: this test binary, started once more
// (child_test.go). Many clients drive it over HTTP with the SDK until it is killed
// (run_test.go); then it is started again in the same folder. What the clients asked
// and what they were told stands in a book (book_test.go), which knows for each message
// whether it must be there, must not, or may be: a request without an answer may or
// may not have taken effect, and one that was answered has. Each answer is checked as it
// comes (delivery_test.go); at the beginning of each life of the server the counts are,
// and it has to find itself in order (counts_test.go); after some kills all queues are
// emptied, and whatever must be there has to turn up (drain_test.go).
//
// The scenes (scene_test.go) are queues with clients of their own kind: standard, FIFO,
// redrive with move tasks, settings, queues that come and go, messages that stay. What a
// read has shown counts as answered, too: it must not be undone (settings_test.go,
// tasks_test.go). Between two lives the folder is verified (folder_test.go).
//
//	go test ./localqueue/killtest -kills 2000 -timeout 2h    # about a second a kill
//	go test ./localqueue/killtest -seed 7                    # the choices of another run once more
//	go test ./localqueue/killtest -keep DIR                  # copies of the folder around a failure
//
// A failure tells the history of its message: each request with the seconds of its
// begin and its answer, and the ends of the server between them.
//
// Choices come from the seed. What the scheduler makes of them does not, so the same
// seed need not fail at the same instant. These tests run in real time: a process
// cannot be killed in virtual time. A checker that cannot fail is none, so
// checker_test.go runs the same clients against a server with a fault put into it, one
// kind after the other, and each has to be found.
package killtest_test
