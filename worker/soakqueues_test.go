package worker_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
)

func (s *soak) createQueues() {
	for _, q := range soakQueues {
		s.server.MustCreate(q.name + " -> " + q.dead)
		_, err := s.server.SetQueueAttributes(s.t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: &q.name, Attributes: map[string]string{
			"VisibilityTimeout": strconv.Itoa(int(q.visibility / time.Second)),
			"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":"arn:aws:sqs:%s:%s:%s","maxReceiveCount":%d}`,
				localqueue.DefaultRegion, localqueue.DefaultAccount, q.dead, q.receives),
		}})
		if err != nil {
			s.t.Fatal(err)
		}
	}
}

// outage has no request arrive for so long that all leases are lost.
func (s *soak) outage() {
	if !s.faults {
		return
	}
	s.strike(localqueue.Fault{Kind: localqueue.LostRequest, Rate: 1})
	time.Sleep(3 * time.Minute)
	s.setFaults()
}

// setFaults has faults of every kind strike.
func (s *soak) setFaults() {
	if !s.faults {
		return
	}
	rate := *soakFaults
	s.strike([]localqueue.Fault{
		{Kind: localqueue.Slow, Rate: rate / 10, Delay: 12 * time.Second},
		{Kind: localqueue.Slow, Rate: rate, Delay: 2 * time.Second},
		{Kind: localqueue.LostRequest, Rate: rate},
		{Kind: localqueue.Throttled, Rate: rate},
		{Kind: localqueue.ServerError, Rate: rate},
		{Kind: localqueue.LostReply, Rate: rate},
		{Kind: localqueue.Duplicate, Rate: rate / 2},
		{Kind: localqueue.Duplicate, Rate: rate, Delay: 10 * time.Second},
		{Kind: localqueue.Reorder, Rate: rate},
		{Kind: localqueue.FalseEmpty, Rate: rate},
		{Kind: localqueue.SlowDelete, Rate: rate / 2, Delay: 5 * time.Second},
		{Kind: localqueue.SlowDelete, Rate: rate, Delay: 45 * time.Second},
		{Kind: localqueue.StaleDelete, Rate: rate},
		{Kind: localqueue.PartialBatch, Rate: rate},
	}...)
}

func (s *soak) strike(rules ...localqueue.Fault) {
	if err := s.server.SetFaults(localqueue.Faults{Seed: s.seed, Rules: rules}); err != nil {
		s.t.Error(err)
	}
}

// produce sends messages for most of the day, many in bursts, and a few whose
// handlers will be in the way of the second restart.
func (s *soak) produce() *sync.WaitGroup {
	var all sync.WaitGroup
	var mu sync.Mutex
	number := 0
	next := func(j soakJob) soakJob {
		mu.Lock()
		defer mu.Unlock()
		j.N, number = number, number+1
		return j
	}
	sent := func(q soakQueue, j soakJob) {
		mu.Lock()
		defer mu.Unlock()
		s.sent[j.N] = soakSent{q, j}
	}
	stuck := time.Now().Add(s.day/2 - 20*time.Minute)
	end := time.Now().Add(s.day * 11 / 12)
	for i, q := range soakQueues {
		r := rand.New(rand.NewPCG(s.seed, uint64(i)<<60))
		pause := time.Hour * 100 * 200 / time.Duration(*soakRate*q.share*s.permits)
		all.Go(func() {
			for burst := 0; time.Now().Before(end); burst-- {
				if burst <= 0 {
					time.Sleep(time.Duration(r.Int64N(int64(2 * pause))))
				}
				if burst <= 0 && r.IntN(200) == 0 {
					burst = 300
					time.Sleep(200 * pause)
				}
				j := next(soakJob{Group: q.group(r)})
				s.send(q, j)
				sent(q, j)
			}
		})
		all.Go(func() {
			time.Sleep(time.Until(stuck))
			for k := range max(5, s.permits/20) {
				time.Sleep(20 * time.Second) // so that not one process gets all of them
				j := next(soakJob{Stuck: true})
				if q.fifo() {
					j.Group = fmt.Sprint("stuck", k)
				}
				s.send(q, j)
				sent(q, j)
			}
		})
	}
	return &all
}

func (q soakQueue) group(r *rand.Rand) string {
	if !q.fifo() {
		return ""
	}
	return fmt.Sprint("group", r.IntN(q.groups))
}

// send sends a message until it is taken.
func (s *soak) send(q soakQueue, j soakJob) {
	in := &sqs.SendMessageInput{QueueUrl: &q.name, MessageBody: new(s.watch.script.body(j)), MessageAttributes: soakAttributes(j)}
	if q.fifo() {
		in.MessageGroupId, in.MessageDeduplicationId = &j.Group, new(strconv.Itoa(j.N))
	}
	for {
		if _, err := s.server.SendMessage(s.t.Context(), in); err == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// empty waits until the queues hold nothing any more.
func (s *soak) empty() {
	limit := time.Now().Add(max(s.day/2, 14*time.Hour))
	for time.Now().Before(limit) {
		after(10 * time.Minute)
		left := 0
		for _, q := range s.server.Stats() {
			if !soakDeadLetters(q.Name) {
				left += q.Visible + q.InFlight + q.Delayed
			}
		}
		if left == 0 {
			return
		}
	}
	for _, q := range s.server.Stats() {
		if !soakDeadLetters(q.Name) && q.Visible+q.InFlight+q.Delayed > 0 {
			s.t.Errorf("seed %d: at the end %s holds %d visible messages and %d in flight", s.seed, q.Name, q.Visible, q.InFlight)
		}
	}
}
