package localqueue_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
)

func duplicateComesWhileInFlight(x *troubled) {
	x.send("orders", "a")
	x.set(always(localqueue.Duplicate, 0))
	first, second := x.receive("orders", 0, 1)[0], x.receive("orders", 0, 1)[0]
	if *first.MessageId != *second.MessageId || *first.ReceiptHandle == *second.ReceiptHandle || second.Attributes["ApproximateReceiveCount"] != "2" {
		x.t.Errorf("%+v\ncame after\n%+v", second, first)
	}
	x.receive("orders", 0, 0) // a duplicate is not doubled
	time.Sleep(30 * time.Second)
	x.receive("orders", 0, 1)
	last := x.receive("orders", 0, 1)[0]
	if n := last.Attributes["ApproximateReceiveCount"]; n != "4" {
		x.t.Errorf("received %s times, want 4", n)
	}
	x.receive("orders", 0, 0)
	x.delete("orders", first)
	x.holds("orders", 0, 0)
}

func duplicateComesAfterItsDelay(x *troubled) {
	x.send("orders", "a")
	x.set(always(localqueue.Duplicate, 5*time.Second))
	start := time.Now()
	x.receive("orders", 0, 1)
	x.receive("orders", 0, 0)
	x.receive("orders", 20, 1)
	if d := time.Since(start); d != 5*time.Second {
		x.t.Errorf("the duplicate came after %v, want 5s", d)
	}
}

// duplicateGoesToWhoWaits: also from a receive that did not wait itself.
func duplicateGoesToWhoWaits(x *troubled) {
	x.set(always(localqueue.Duplicate, 0))
	got := make(chan string)
	for range 2 {
		go func() {
			list, err := x.tryReceive("orders", 20)
			got <- fmt.Sprint(bodies(list), err)
		}()
	}
	synctest.Wait()
	start := time.Now()
	x.send("orders", "a")
	for range 2 {
		if s := <-got; s != "[a] <nil>" {
			x.t.Errorf("who waited received %s", s)
		}
	}
	if d := time.Since(start); d != 0 {
		x.t.Errorf("they waited %v", d)
	}
}

// duplicatesAreNotDoubled: at a rate below 1 any receive can be doubled but one that is a
// duplicate itself.
func duplicatesAreNotDoubled(x *troubled) {
	x.send("orders", numbers(10)...)
	x.set(localqueue.Faults{Seed: 5, Rules: []localqueue.Fault{{Kind: localqueue.Duplicate, Rate: 0.5}}})
	doubled := map[int]int{} // by whether the number of the receive is even
	for range 10 {
		x.receive("orders", 0, 10)
		list, err := x.tryReceive("orders", 0)
		x.must(err)
		for _, m := range list {
			n, err := strconv.Atoi(m.Attributes["ApproximateReceiveCount"])
			x.must(err)
			doubled[(n-1)%2]++
		}
		x.receive("orders", 0, 0)
		time.Sleep(30 * time.Second)
	}
	if doubled[0] < 10 || doubled[1] < 10 {
		x.t.Errorf("even and odd receives that were doubled: %v", doubled)
	}
}

// duplicateMovesNothing: the last receive before a message is moved away is not doubled.
func duplicateMovesNothing(x *troubled) {
	x.send("fragile", "a")
	x.set(always(localqueue.Duplicate, 0))
	received := 0
	for range 20 {
		list, err := x.tryReceive("fragile", 0)
		x.must(err)
		if received += len(list); len(list) == 0 {
			x.holds("fragile-dlq", 0, 0)
			time.Sleep(30 * time.Second)
		}
		if received == 5 {
			break
		}
	}
	x.receive("fragile", 0, 0)
	x.holds("fragile", 0, 1)
	x.holds("fragile-dlq", 0, 0)
}

// reorderKeepsMessages: each comes once, as its first receive, but not in order.
func reorderKeepsMessages(x *troubled) {
	want := numbers(30)
	x.send("orders", want...)
	x.set(always(localqueue.Reorder, 0))
	var got []string
	mixed := false // within a reply
	for len(got) < 30 {
		list, err := x.tryReceive("orders", 0)
		x.must(err)
		if len(list) == 0 {
			x.t.Fatalf("nothing after %v", got)
		}
		for _, m := range list {
			if n := m.Attributes["ApproximateReceiveCount"]; n != "1" {
				x.t.Errorf("%s was received %s times", *m.Body, n)
			}
		}
		got = append(got, bodies(list)...)
		mixed = mixed || !slices.IsSorted(bodies(list))
	}
	sorted := slices.Sorted(slices.Values(got))
	if !mixed || slices.Equal(got, want) || !slices.Equal(sorted, want) {
		x.t.Errorf("received %v", got)
	}
	x.holds("orders", 0, 30)
}

// reorderOfOne: a receive of a single message gets another than the first.
func reorderOfOne(x *troubled) {
	x.send("orders", numbers(20)...)
	x.set(always(localqueue.Reorder, 0))
	out, err := x.ReceiveMessage(x.ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String("orders")})
	x.must(err)
	if b := bodies(out.Messages); len(b) != 1 || b[0] == "00" {
		x.t.Errorf("received %v", b)
	}
	x.holds("orders", 19, 1)
}

func falseEmptyIsForShortPolls(x *troubled) {
	x.send("orders", "a")
	x.set(always(localqueue.FalseEmpty, 0))
	x.receive("orders", 0, 0)
	x.holds("orders", 1, 0)
	if n := x.s.Stats()[3].EmptyReceives; n != 1 {
		x.t.Errorf("%d empty receives counted, want 1: %+v", n, x.s.Stats())
	}
	x.receive("orders", 1, 1)
}

func slowDeleteTakesEffectLater(x *troubled) {
	x.send("orders", "a")
	x.set(always(localqueue.SlowDelete, 10*time.Second))
	x.delete("orders", x.receive("orders", 0, 1)[0])
	x.set(localqueue.Faults{}) // what was put off stays so
	time.Sleep(10*time.Second - 1)
	synctest.Wait()
	x.holds("orders", 0, 1)
	time.Sleep(time.Nanosecond)
	synctest.Wait()
	x.holds("orders", 0, 0)
	if n := x.s.Stats()[3].Deleted; n != 1 {
		x.t.Errorf("%d deletes counted", n)
	}
}

func slowDeleteIsOvertaken(x *troubled) {
	x.send("orders", "a")
	x.set(always(localqueue.SlowDelete, 40*time.Second))
	out, err := x.DeleteMessageBatch(x.ctx, &sqs.DeleteMessageBatchInput{
		QueueUrl: aws.String("orders"),
		Entries:  []types.DeleteMessageBatchRequestEntry{{Id: aws.String("0"), ReceiptHandle: x.receive("orders", 0, 1)[0].ReceiptHandle}},
	})
	x.must(err)
	if len(out.Successful) != 1 {
		x.t.Errorf("%+v", out)
	}
	time.Sleep(30 * time.Second)
	x.receive("orders", 0, 1)
	time.Sleep(20 * time.Second)
	synctest.Wait()
	x.holds("orders", 0, 1)
}

func staleDeleteDoesNothing(x *troubled) {
	x.send("orders", "a")
	x.set(always(localqueue.StaleDelete, 0))
	old := x.receive("orders", 0, 1)[0]
	time.Sleep(30 * time.Second)
	young := x.receive("orders", 0, 1)[0]
	x.delete("orders", old)
	x.holds("orders", 0, 1)
	x.delete("orders", young)
	x.holds("orders", 0, 0)
	x.delete("orders", old) // of what is gone
	x.set(localqueue.Faults{})
	x.send("orders", "b")
	old = x.receive("orders", 0, 1)[0]
	time.Sleep(30 * time.Second)
	x.receive("orders", 0, 1)
	x.delete("orders", old)
	x.holds("orders", 0, 0)
}

// staleDeleteIsRefused by a handle that is too old for any delete, as without faults.
func staleDeleteIsRefused(x *troubled) {
	x.send("orders", "a")
	x.set(always(localqueue.StaleDelete, 0))
	old := x.receive("orders", 0, 1)[0]
	time.Sleep(12*time.Hour + time.Nanosecond)
	x.receive("orders", 0, 1)
	_, err := x.DeleteMessage(x.ctx, &sqs.DeleteMessageInput{QueueUrl: aws.String("orders"), ReceiptHandle: old.ReceiptHandle})
	if code(err) != "InvalidParameterValue" {
		x.t.Errorf("delete by a handle of 12 hours ago: %v", err)
	}
}
