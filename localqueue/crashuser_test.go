package localqueue_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
)

// user uses a server in every way there is, one call after the other.
type user struct {
	*localqueue.Server
	name    string
	r       *rand.Rand
	relaxed bool
	sent    int
	temps   int
	held    []held
	tasks   []string
	rate    int32 // of the latest task
	spell   int   // steps that are still of one kind
	kind    func() operation

	mu     sync.Mutex
	bodies map[string]string // by the id that was answered
}

// held is a message that was received.
type held struct{ queue, handle string }

// operation is one call. firm: it is on the disk before it is answered, under
// SyncAlways; many: it writes several records, between which a crash can come.
type operation struct {
	name string
	do   func() error
	firm bool
	many bool
}

func newUser(name string, seed uint64, relaxed bool) *user {
	return &user{name: name, r: rand.New(rand.NewPCG(seed, 6)), relaxed: relaxed, bodies: map[string]string{}}
}

var ctx = context.Background()

// body n is known from its beginning.
func body(n, size int) string {
	text := fmt.Sprintf("message %d of %d bytes ", n, size)
	for len(text) < size {
		text += text
	}
	return text[:max(size, len(fmt.Sprintf("message %d of %d bytes ", n, size)))]
}

// sound reports whether text is a body.
func sound(text string) bool {
	var n, size int
	if _, err := fmt.Sscanf(text, "message %d of %d bytes ", &n, &size); err != nil {
		return false
	}
	return text == body(n, size)
}

// accepted notes what was sent. What has the same deduplication id is not.
func (u *user) accepted(id, body *string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.bodies[*id] == "" {
		u.bodies[*id] = *body
	}
}

// errBody says that a message has another body than was sent.
var errBody = errors.New("a wrong body was handed out")

// right looks at the bodies of messages.
func (u *user) right(messages []types.Message) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, m := range messages {
		if want := u.bodies[*m.MessageId]; !sound(*m.Body) || want != "" && want != *m.Body {
			return fmt.Errorf("%w: message %s has the body %q, sent was %q", errBody, *m.MessageId, *m.Body, want)
		}
	}
	return nil
}

func arn(queue string) string { return "arn:aws:sqs:us-east-1:000000000000:" + queue }

// furnish makes the queues.
func (u *user) furnish() {
	redrive := func(dead string) string {
		return fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":2}`, arn(dead))
	}
	for _, q := range []struct {
		name       string
		attributes map[string]string
	}{
		{"dead", nil},
		{"plain", map[string]string{"RedrivePolicy": redrive("dead"), "VisibilityTimeout": "20"}},
		{"dead.fifo", map[string]string{"FifoQueue": "true"}},
		{"jobs.fifo", map[string]string{"FifoQueue": "true", "RedrivePolicy": redrive("dead.fifo"), "VisibilityTimeout": "15"}},
		{"later", map[string]string{"DelaySeconds": "10", "MessageRetentionPeriod": "60"}},
	} {
		if _, err := u.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &q.name, Attributes: q.attributes}); err != nil {
			panic(err)
		}
	}
}

func pick[T any](r *rand.Rand, s ...T) T { return s[r.IntN(len(s))] }

// goOn uses a server that was opened after a crash.
func (u *user) goOn(s *localqueue.Server, seed uint64) error {
	if err := s.Check(); err != nil {
		return fmt.Errorf("after recovery: %w", err)
	}
	r := rand.New(rand.NewPCG(seed, 8))
	queues := s.Stats()
	if len(queues) == 0 {
		return errors.New("no queue was found")
	}
	q := queues[r.IntN(len(queues))]
	for range 1 + r.IntN(2) {
		out, err := s.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &q.Name, MaxNumberOfMessages: 10})
		if err != nil {
			return fmt.Errorf("receive from %s: %w", q.Name, err)
		}
		if err := u.right(out.Messages); err != nil {
			return fmt.Errorf("after recovery: %w", err)
		}
		for _, m := range out.Messages[:min(3, len(out.Messages))] {
			if _, err := s.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &q.Name, ReceiptHandle: m.ReceiptHandle}); err != nil {
				return fmt.Errorf("delete from %s: %w", q.Name, err)
			}
		}
	}
	if _, err := s.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: aws.String("plain"), MessageBody: aws.String(body(1<<30, 100))}); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	if err := s.Check(); err != nil {
		return fmt.Errorf("after going on: %w", err)
	}
	return nil
}
