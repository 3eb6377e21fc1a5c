package producer_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// flight is a request that is not answered.
type flight struct {
	in     *sqs.SendMessageBatchInput // nil: a look-up
	answer chan error                 // errTaken, errSome, errGone or what fails
}

var (
	errTaken = errors.New("all are taken")
	errSome  = errors.New("some are taken")
	errLost  = errors.New("the reply is lost")
	errExit  = errors.New("the client ends its goroutine")
)

func (x *walk) GetQueueUrl(ctx context.Context, in *sqs.GetQueueUrlInput, _ ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error) {
	if err := x.fly(ctx, nil); err != nil {
		return nil, err
	}
	return &sqs.GetQueueUrlOutput{QueueUrl: new("http://sqs.example/1/" + *in.QueueName)}, nil
}

func (x *walk) SendMessageBatch(ctx context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	x.look()
	err := x.fly(ctx, in)
	x.look()
	out := &sqs.SendMessageBatchOutput{}
	switch err {
	case errExit:
		runtime.Goexit()
	case nil, errLost, errSome:
		x.store(in, err, out)
		if err == errLost {
			return nil, errReset
		}
	default:
		return nil, err
	}
	return out, nil
}

// keep notes that a message is stored. A FIFO queue knows it again for 5 minutes, within which
// a try ends that ends with its context.
func (x *walk) keep(body, group string) {
	var n, call int
	fmt.Sscan(body, &n, &call)
	name := fmt.Sprint(n)
	if at, before := x.stored[name]; before {
		if x.fifo && x.ends && time.Since(at) > 5*time.Minute {
			x.t.Errorf("%s is stored twice, %v after the first time", name, time.Since(at))
		}
		return
	}
	x.stored[name] = time.Now()
	key := fmt.Sprint(call, group)
	if placed := x.placed[key]; x.fifo && len(placed) > 0 && placed[len(placed)-1] > n {
		x.t.Errorf("%d is stored after %d, which came later", n, placed[len(placed)-1])
	}
	x.placed[key] = append(x.placed[key], n)
}

// fly waits for an answer.
func (x *walk) fly(ctx context.Context, in *sqs.SendMessageBatchInput) error {
	f := &flight{in: in, answer: make(chan error, 1)}
	x.mu.Lock()
	x.flights = append(x.flights, f)
	x.mu.Unlock()
	var end <-chan struct{}
	if x.ends {
		end = ctx.Done()
	}
	select {
	case err := <-f.answer:
		return err
	case <-end:
		x.mu.Lock()
		defer x.mu.Unlock()
		for i := range x.flights {
			if x.flights[i] == f {
				x.flights = append(x.flights[:i], x.flights[i+1:]...)
				break
			}
		}
		return ctx.Err()
	}
}

// store puts into the queue what it takes of a request.
func (x *walk) store(in *sqs.SendMessageBatchInput, how error, out *sqs.SendMessageBatchOutput) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for i, e := range in.Entries {
		body := *e.MessageBody
		if how == errSome && (i+len(x.stored))%3 == 0 {
			fault := (i+len(body))%2 == 0
			out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: e.Id, Code: new("Other"), SenderFault: fault})
			continue
		}
		if how == errSome && (i+len(x.stored))%7 == 0 && !x.fifo {
			continue // not mentioned
		}
		out.Successful = append(out.Successful, types.SendMessageBatchResultEntry{Id: e.Id, MessageId: e.Id})
		x.keep(body, *e.MessageGroupId)
	}
}

// refusal is a request's failure.
func (x *walk) refusal() error {
	switch x.r.IntN(8) {
	case 0:
		return &types.RequestThrottled{}
	case 1:
		return &smithy.GenericAPIError{Code: "AccessDenied"}
	case 2:
		return &smithy.GenericAPIError{Code: "InvalidParameterValue"}
	case 3:
		return &smithy.GenericAPIError{Code: "InternalError", Fault: smithy.FaultServer}
	case 4:
		return &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: 413}}, Err: errors.New("too large")}
	case 5:
		return errLost
	case 6:
		if x.rude && x.r.IntN(4) == 0 {
			return errExit
		}
	}
	return errReset
}

func (x *walk) outcome() error {
	switch x.r.IntN(4) {
	case 0:
		return x.refusal()
	case 1:
		return errSome
	}
	return errTaken
}

// land answers one request.
func (x *walk) land(err error) string {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.flights) == 0 {
		return "-"
	}
	i := x.r.IntN(len(x.flights))
	f := x.flights[i]
	x.flights = append(x.flights[:i], x.flights[i+1:]...)
	text := fmt.Sprintf("a request is answered: %v", err)
	if err == errTaken || f.in == nil && (err == errSome || err == errLost || err == errExit) {
		err = nil
	}
	f.answer <- err
	return text
}
