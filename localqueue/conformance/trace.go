package conformance

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// A trace keeps the last calls of a case, so that a failure can show what led to it.
type trace struct {
	mu    sync.Mutex
	start time.Time
	count int
	calls [40]call // a ring
}

type call struct {
	action   string
	in, out  any
	err      error
	from, to time.Time
}

func (t *trace) add(c call) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls[t.count%len(t.calls)] = c
	t.count++
}

// last words the latest call.
func (t *trace) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.count == 0 {
		return "no call yet"
	}
	return t.word(t.calls[(t.count-1)%len(t.calls)])
}

// String words the calls kept, oldest first.
func (t *trace) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var b strings.Builder
	first := max(0, t.count-len(t.calls))
	if first > 0 {
		fmt.Fprintf(&b, "(%d earlier calls)\n", first)
	}
	for i := first; i < t.count; i++ {
		b.WriteString(t.word(t.calls[i%len(t.calls)]))
		b.WriteByte('\n')
	}
	return b.String()
}

func (t *trace) word(c call) string {
	result := show(reflect.ValueOf(c.out))
	if c.err != nil {
		result = "error " + c.err.Error()
	}
	took := ""
	if d := c.to.Sub(c.from); d > 0 {
		took = fmt.Sprintf(" after %v", d)
	}
	return fmt.Sprintf("+%v %s%s =>%s %s", c.from.Sub(t.start), c.action, show(reflect.ValueOf(c.in)), took, result)
}

// show prints the fields that are set, with long strings cut.
func show(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Invalid:
		return "nil"
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return "nil"
		}
		return show(v.Elem())
	case reflect.Struct:
		var fields []string
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() || f.Name == "ResultMetadata" || v.Field(i).IsZero() {
				continue
			}
			fields = append(fields, f.Name+":"+show(v.Field(i)))
		}
		return "{" + strings.Join(fields, " ") + "}"
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return fmt.Sprintf("%x", v.Bytes())
		}
		var items []string
		for i := range v.Len() {
			items = append(items, show(v.Index(i)))
		}
		return "[" + strings.Join(items, " ") + "]"
	case reflect.Map:
		var items []string
		for i := v.MapRange(); i.Next(); {
			items = append(items, show(i.Key())+":"+show(i.Value()))
		}
		slices.Sort(items)
		return "{" + strings.Join(items, " ") + "}"
	case reflect.String:
		return quote(v.String())
	default:
		return fmt.Sprint(v.Interface())
	}
}

// quote quotes s, cut to a readable length.
func quote(s string) string {
	const most = 120
	if len(s) <= most {
		return fmt.Sprintf("%q", s)
	}
	cut := most
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return fmt.Sprintf("%q...(%d bytes)", s[:cut], len(s))
}

// traced is a Client that notes its calls.
type traced struct {
	client Client
	trace  *trace
}

func note[I, O any](t traced, action string, f func(context.Context, I, ...func(*sqs.Options)) (O, error), ctx context.Context, in I, opts []func(*sqs.Options)) (O, error) {
	from := time.Now()
	out, err := f(ctx, in, opts...)
	t.trace.add(call{action, in, out, err, from, time.Now()})
	return out, err
}

func (t traced) AddPermission(ctx context.Context, in *sqs.AddPermissionInput, opts ...func(*sqs.Options)) (*sqs.AddPermissionOutput, error) {
	return note(t, "AddPermission", t.client.AddPermission, ctx, in, opts)
}

func (t traced) CancelMessageMoveTask(ctx context.Context, in *sqs.CancelMessageMoveTaskInput, opts ...func(*sqs.Options)) (*sqs.CancelMessageMoveTaskOutput, error) {
	return note(t, "CancelMessageMoveTask", t.client.CancelMessageMoveTask, ctx, in, opts)
}

func (t traced) ChangeMessageVisibility(ctx context.Context, in *sqs.ChangeMessageVisibilityInput, opts ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error) {
	return note(t, "ChangeMessageVisibility", t.client.ChangeMessageVisibility, ctx, in, opts)
}

func (t traced) ChangeMessageVisibilityBatch(ctx context.Context, in *sqs.ChangeMessageVisibilityBatchInput, opts ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	return note(t, "ChangeMessageVisibilityBatch", t.client.ChangeMessageVisibilityBatch, ctx, in, opts)
}

func (t traced) CreateQueue(ctx context.Context, in *sqs.CreateQueueInput, opts ...func(*sqs.Options)) (*sqs.CreateQueueOutput, error) {
	return note(t, "CreateQueue", t.client.CreateQueue, ctx, in, opts)
}

func (t traced) DeleteMessage(ctx context.Context, in *sqs.DeleteMessageInput, opts ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error) {
	return note(t, "DeleteMessage", t.client.DeleteMessage, ctx, in, opts)
}

func (t traced) DeleteMessageBatch(ctx context.Context, in *sqs.DeleteMessageBatchInput, opts ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error) {
	return note(t, "DeleteMessageBatch", t.client.DeleteMessageBatch, ctx, in, opts)
}

func (t traced) DeleteQueue(ctx context.Context, in *sqs.DeleteQueueInput, opts ...func(*sqs.Options)) (*sqs.DeleteQueueOutput, error) {
	return note(t, "DeleteQueue", t.client.DeleteQueue, ctx, in, opts)
}

func (t traced) GetQueueAttributes(ctx context.Context, in *sqs.GetQueueAttributesInput, opts ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error) {
	return note(t, "GetQueueAttributes", t.client.GetQueueAttributes, ctx, in, opts)
}

func (t traced) GetQueueUrl(ctx context.Context, in *sqs.GetQueueUrlInput, opts ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error) {
	return note(t, "GetQueueUrl", t.client.GetQueueUrl, ctx, in, opts)
}

func (t traced) ListDeadLetterSourceQueues(ctx context.Context, in *sqs.ListDeadLetterSourceQueuesInput, opts ...func(*sqs.Options)) (*sqs.ListDeadLetterSourceQueuesOutput, error) {
	return note(t, "ListDeadLetterSourceQueues", t.client.ListDeadLetterSourceQueues, ctx, in, opts)
}

func (t traced) ListMessageMoveTasks(ctx context.Context, in *sqs.ListMessageMoveTasksInput, opts ...func(*sqs.Options)) (*sqs.ListMessageMoveTasksOutput, error) {
	return note(t, "ListMessageMoveTasks", t.client.ListMessageMoveTasks, ctx, in, opts)
}

func (t traced) ListQueueTags(ctx context.Context, in *sqs.ListQueueTagsInput, opts ...func(*sqs.Options)) (*sqs.ListQueueTagsOutput, error) {
	return note(t, "ListQueueTags", t.client.ListQueueTags, ctx, in, opts)
}

func (t traced) ListQueues(ctx context.Context, in *sqs.ListQueuesInput, opts ...func(*sqs.Options)) (*sqs.ListQueuesOutput, error) {
	return note(t, "ListQueues", t.client.ListQueues, ctx, in, opts)
}

func (t traced) PurgeQueue(ctx context.Context, in *sqs.PurgeQueueInput, opts ...func(*sqs.Options)) (*sqs.PurgeQueueOutput, error) {
	return note(t, "PurgeQueue", t.client.PurgeQueue, ctx, in, opts)
}

func (t traced) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, opts ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	return note(t, "ReceiveMessage", t.client.ReceiveMessage, ctx, in, opts)
}

func (t traced) RemovePermission(ctx context.Context, in *sqs.RemovePermissionInput, opts ...func(*sqs.Options)) (*sqs.RemovePermissionOutput, error) {
	return note(t, "RemovePermission", t.client.RemovePermission, ctx, in, opts)
}

func (t traced) SendMessage(ctx context.Context, in *sqs.SendMessageInput, opts ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	return note(t, "SendMessage", t.client.SendMessage, ctx, in, opts)
}

func (t traced) SendMessageBatch(ctx context.Context, in *sqs.SendMessageBatchInput, opts ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	return note(t, "SendMessageBatch", t.client.SendMessageBatch, ctx, in, opts)
}

func (t traced) SetQueueAttributes(ctx context.Context, in *sqs.SetQueueAttributesInput, opts ...func(*sqs.Options)) (*sqs.SetQueueAttributesOutput, error) {
	return note(t, "SetQueueAttributes", t.client.SetQueueAttributes, ctx, in, opts)
}

func (t traced) StartMessageMoveTask(ctx context.Context, in *sqs.StartMessageMoveTaskInput, opts ...func(*sqs.Options)) (*sqs.StartMessageMoveTaskOutput, error) {
	return note(t, "StartMessageMoveTask", t.client.StartMessageMoveTask, ctx, in, opts)
}

func (t traced) TagQueue(ctx context.Context, in *sqs.TagQueueInput, opts ...func(*sqs.Options)) (*sqs.TagQueueOutput, error) {
	return note(t, "TagQueue", t.client.TagQueue, ctx, in, opts)
}

func (t traced) UntagQueue(ctx context.Context, in *sqs.UntagQueueInput, opts ...func(*sqs.Options)) (*sqs.UntagQueueOutput, error) {
	return note(t, "UntagQueue", t.client.UntagQueue, ctx, in, opts)
}
