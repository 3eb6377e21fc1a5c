package localqueue_test

import (
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
)

// TestFaultRates: each kind strikes about as often as it is to.
func TestFaultRates(t *testing.T) {
	t.Parallel()
	for kind, strikes := range map[localqueue.FaultKind]func(x *troubled) bool{
		localqueue.LostRequest: sendFails, localqueue.LostReply: sendFails,
		localqueue.Throttled: sendFails, localqueue.ServerError: sendFails,
		localqueue.Slow:         takesTime,
		localqueue.FalseEmpty:   findsNothing,
		localqueue.Duplicate:    comesTwice,
		localqueue.StaleDelete:  survivesOldDelete,
		localqueue.SlowDelete:   survivesDelete,
		localqueue.PartialBatch: entryFails,
		localqueue.Reorder:      isNotTheFirst,
	} {
		for _, rate := range []float64{0, 0.01, 0.25, 1} {
			t.Run(fmt.Sprint(kind, "/", rate), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := newServer(t)
					s.MustCreate("orders")
					x := &troubled{s, s, t, t.Context()}
					f := always(kind, 0)
					f.Seed = 42
					f.Rules[0].Rate = rate
					if kind == localqueue.Slow || kind == localqueue.SlowDelete {
						f.Rules[0].Delay = time.Second
					}
					x.set(f)
					const draws = 2000
					n := 0
					for range draws {
						if strikes(x) {
							n++
						}
					}
					// Five standard deviations: were the draws not even, it would show.
					if d := math.Abs(float64(n) - rate*draws); d > 5*math.Sqrt(draws*rate*(1-rate)) {
						t.Errorf("%d of %d struck at a rate of %v", n, draws, rate)
					}
				})
			})
		}
	}
}

// putBack makes messages visible again.
func (x *troubled) putBack(list []types.Message) {
	x.t.Helper()
	for _, m := range list {
		_, err := x.ChangeMessageVisibility(x.ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: aws.String("orders"), ReceiptHandle: m.ReceiptHandle})
		x.must(err)
	}
}

// stock has messages in the queue.
func (x *troubled) stock(n int) {
	x.t.Helper()
	if x.s.Stats()[0].Visible == 0 {
		x.send("orders", numbers(n)...)
	}
}

func sendFails(x *troubled) bool {
	_, err := x.SendMessage(x.ctx, &sqs.SendMessageInput{QueueUrl: aws.String("orders"), MessageBody: aws.String("a")})
	return err != nil
}

func takesTime(x *troubled) bool {
	start := time.Now()
	x.send("orders", "a")
	return time.Since(start) > 0
}

func findsNothing(x *troubled) bool {
	x.stock(1)
	list, err := x.tryReceive("orders", 0)
	x.must(err)
	x.putBack(list)
	return len(list) == 0
}

func comesTwice(x *troubled) bool {
	x.send("orders", "a")
	first := x.receive("orders", 0, 1)[0]
	list, err := x.tryReceive("orders", 0)
	x.must(err)
	x.delete("orders", first)
	return len(list) > 0
}

func survivesDelete(x *troubled) bool {
	x.send("orders", "a")
	x.delete("orders", x.receive("orders", 0, 1)[0])
	survives := x.s.Stats()[0].InFlight == 1
	time.Sleep(time.Second) // until it takes effect
	synctest.Wait()
	return survives
}

func survivesOldDelete(x *troubled) bool {
	x.send("orders", "a")
	old := x.receive("orders", 0, 1)[0]
	x.putBack([]types.Message{old})
	young := x.receive("orders", 0, 1)[0]
	x.delete("orders", old)
	survives := x.s.Stats()[0].InFlight == 1
	x.delete("orders", young)
	return survives
}

func entryFails(x *troubled) bool {
	out, err := x.SendMessageBatch(x.ctx, &sqs.SendMessageBatchInput{
		QueueUrl: aws.String("orders"),
		Entries:  []types.SendMessageBatchRequestEntry{{Id: aws.String("0"), MessageBody: aws.String("a")}},
	})
	x.must(err)
	return len(out.Failed) > 0
}

func isNotTheFirst(x *troubled) bool {
	x.stock(12)
	out, err := x.ReceiveMessage(x.ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String("orders")})
	x.must(err)
	x.putBack(out.Messages)
	return *out.Messages[0].Body != "00"
}
