// Package conformance is a suite that every backend which speaks SQS must pass:
// each case is one rule of SQS, with the exact error codes and texts.
//
//	func TestConformance(t *testing.T) {
//		conformance.Run(t, func(t *testing.T) conformance.Client {
//			s := localqueue.New()
//			t.Cleanup(func() { s.Close() })
//			return s
//		})
//	}
//
// A case is named after a noun and its rule, so that a part can be run alone:
//
//	go test -run 'TestConformance/fifo-order/' -v
//
// A case that fails prints the calls it made, with the virtual time of each.
// With -v the run ends with the number of cases per section. The sections are those
// of the rules: 1 queues, their attributes, policies and tags; 2 messages; 3
// receiving and receipt handles; 4 deleting, changing visibility, batches; 5 FIFO
// queues; 6 fair queues; 7 dead-letter queues and move tasks; 8 purging.
//
// # Virtual time
//
// Each case runs in a testing/synctest bubble of its own, which is what makes it
// possible to wait for twelve hours and to ask what is visible one nanosecond
// before. So newClient is called once per case, inside the bubble, and returns a
// client of an account without queues. It must build everything inside: server,
// connections, goroutines. Sockets hang in a bubble; an SDK client is given an
// HTTP client that calls the server's handler, or a net.Pipe.
//
// # Backends that cannot do everything
//
// Options.Without lists the traits that a backend lacks; cases that need one of
// them are skipped, and say so:
//
//   - Exact: replies are complete and ordered, counts exact, changes in force at
//     once. Without it, a receive is repeated until what must come has come.
//   - Virtual: the backend can live in a bubble. Without it, sleeps are real, and
//     only cases that sleep for a few seconds are run.
//   - Emulated: corners and wordings that no recording from AWS confirms. Without
//     it, the texts among them are not compared, but the codes are.
//   - Lax: the client does not validate input by itself, as the SDK's does.
//   - Heavy: 100,000 messages and more are a matter of seconds.
//
// Against SQS itself, which costs money and several minutes, and needs a prefix
// that was not used in the last minute:
//
//	func TestConformanceOfSQS(t *testing.T) {
//		prefix := os.Getenv("SQS_CONFORMANCE_PREFIX")
//		if prefix == "" {
//			t.Skip("SQS_CONFORMANCE_PREFIX is not set")
//		}
//		conformance.Run(t, func(t *testing.T) conformance.Client {
//			cfg, err := config.LoadDefaultConfig(t.Context())
//			if err != nil {
//				t.Fatal(err)
//			}
//			return sqs.NewFromConfig(cfg)
//		}, func(o *conformance.Options) {
//			o.Prefix = prefix
//			o.Without = conformance.NotOnSQS
//		})
//	}
//
// # What is not here
//
// Policies are stored, returned and edited, but nobody is refused by one: there
// are no cases on authorisation. The wire protocols have tests of their own, and
// so do rates, as throttling and quotas of calls per second are not emulated.
//
// The clients' plain integers cannot say 0 on receive and send: zero stands for
// absent. To receive with a timeout of 0, the cases set the queue's to 0.
package conformance
