package localqueue

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue/internal/wire"
)

// routes is what each action does over HTTP. The message actions have methods of
// their own, in httpmessages.go, so that they make no garbage.
var routes = map[string]func(*exchange) error{
	"SendMessage":                  (*exchange).sendMessage,
	"SendMessageBatch":             (*exchange).sendMessageBatch,
	"ReceiveMessage":               (*exchange).receiveMessage,
	"DeleteMessage":                func(x *exchange) error { return x.settle(deleting) },
	"DeleteMessageBatch":           func(x *exchange) error { return x.settleBatch(deleting) },
	"ChangeMessageVisibility":      func(x *exchange) error { return x.settle(changing) },
	"ChangeMessageVisibilityBatch": func(x *exchange) error { return x.settleBatch(changing) },

	"CreateQueue": route((*Server).createQueue, putCreated, func(in *sqs.CreateQueueInput) members {
		return members{{Name: "QueueName", To: &in.QueueName}, {Name: "Attributes", To: &in.Attributes}, {Name: "tags", To: &in.Tags}}
	}),
	"GetQueueUrl": route((*Server).getQueueURL, putURL, func(in *sqs.GetQueueUrlInput) members {
		return members{{Name: "QueueName", To: &in.QueueName}, {Name: "QueueOwnerAWSAccountId", To: &in.QueueOwnerAWSAccountId}}
	}),
	"ListQueues": route((*Server).listQueues, putURLs, func(in *sqs.ListQueuesInput) members {
		return members{{Name: "QueueNamePrefix", To: &in.QueueNamePrefix}, {Name: "MaxResults", To: &in.MaxResults}, {Name: "NextToken", To: &in.NextToken}}
	}),
	"ListDeadLetterSourceQueues": route((*Server).listDeadLetterSourceQueues, putSources, func(in *sqs.ListDeadLetterSourceQueuesInput) members {
		return members{{Name: "QueueUrl", To: &in.QueueUrl}, {Name: "MaxResults", To: &in.MaxResults}, {Name: "NextToken", To: &in.NextToken}}
	}),
	"DeleteQueue": route((*Server).deleteQueue, nil, func(in *sqs.DeleteQueueInput) members {
		return members{{Name: "QueueUrl", To: &in.QueueUrl}}
	}),
	"PurgeQueue": route((*Server).purgeQueue, nil, func(in *sqs.PurgeQueueInput) members {
		return members{{Name: "QueueUrl", To: &in.QueueUrl}}
	}),
	"GetQueueAttributes": route((*Server).getQueueAttributes, putAttributes, func(in *attributesInput) members {
		return members{{Name: "QueueUrl", To: &in.QueueURL}, {Name: "AttributeNames", To: &in.Names}}
	}),
	"SetQueueAttributes": route((*Server).setQueueAttributes, nil, func(in *sqs.SetQueueAttributesInput) members {
		return members{{Name: "QueueUrl", To: &in.QueueUrl}, {Name: "Attributes", To: &in.Attributes}}
	}),
	"AddPermission": route((*Server).addPermission, nil, func(in *sqs.AddPermissionInput) members {
		return members{{Name: "QueueUrl", To: &in.QueueUrl}, {Name: "Label", To: &in.Label}, {Name: "AWSAccountIds", To: &in.AWSAccountIds}, {Name: "Actions", To: &in.Actions}}
	}),
	"RemovePermission": route((*Server).removePermission, nil, func(in *sqs.RemovePermissionInput) members {
		return members{{Name: "QueueUrl", To: &in.QueueUrl}, {Name: "Label", To: &in.Label}}
	}),
	"TagQueue": route((*Server).tagQueue, nil, func(in *sqs.TagQueueInput) members {
		return members{{Name: "QueueUrl", To: &in.QueueUrl}, {Name: "Tags", To: &in.Tags}}
	}),
	"UntagQueue": route((*Server).untagQueue, nil, func(in *sqs.UntagQueueInput) members {
		return members{{Name: "QueueUrl", To: &in.QueueUrl}, {Name: "TagKeys", To: &in.TagKeys}}
	}),
	"ListQueueTags": route((*Server).listQueueTags, putTags, func(in *sqs.ListQueueTagsInput) members {
		return members{{Name: "QueueUrl", To: &in.QueueUrl}}
	}),
	"StartMessageMoveTask": route((*Server).startMove, putStarted, func(in *sqs.StartMessageMoveTaskInput) members {
		return members{{Name: "SourceArn", To: &in.SourceArn}, {Name: "DestinationArn", To: &in.DestinationArn}, {Name: "MaxNumberOfMessagesPerSecond", To: &in.MaxNumberOfMessagesPerSecond}}
	}),
	"CancelMessageMoveTask": route((*Server).cancelMove, putCancelled, func(in *sqs.CancelMessageMoveTaskInput) members {
		return members{{Name: "TaskHandle", To: &in.TaskHandle}}
	}),
	"ListMessageMoveTasks": route((*Server).listMoves, putTasks, func(in *sqs.ListMessageMoveTasksInput) members {
		return members{{Name: "SourceArn", To: &in.SourceArn}, {Name: "MaxResults", To: &in.MaxResults}}
	}),
}

type members = []wire.Member

// route serves an action whose speed matters less: its request is bound to the
// input that the method beneath the SDK-shaped one takes, and put writes what it
// returns; nil: the reply has no members.
func route[In, Out any](do func(*Server, namespace, *In) (*Out, error), put func(*wire.Writer, *Out), bind func(*In) members) func(*exchange) error {
	return func(x *exchange) error {
		in := new(In)
		to := bind(in)
		if err := wire.Bind(x.doc, to...); err != nil {
			return err
		}
		x.names(to)
		x.ns.base = x.s.base(x.r)
		out, err := do(x.s, x.ns, in)
		if err != nil {
			return err
		}
		if w := x.writer(); put == nil {
			w.Void()
		} else {
			w.Open()
			put(w, out)
			w.Close()
		}
		return nil
	}
}

func putCreated(w *wire.Writer, out *sqs.CreateQueueOutput) {
	w.Text("QueueUrl", *out.QueueUrl)
}

func putURL(w *wire.Writer, out *sqs.GetQueueUrlOutput) {
	w.Text("QueueUrl", *out.QueueUrl)
}

func putURLs(w *wire.Writer, out *sqs.ListQueuesOutput) {
	member := "QueueUrls"
	if w.Format() == wire.QueryJSON {
		member = "queueUrls" // SQS spells it so there
	}
	w.Strings(member, "QueueUrl", out.QueueUrls)
	w.Optional("NextToken", aws.ToString(out.NextToken))
}

// putSources spells its list as SQS does, in lower case.
func putSources(w *wire.Writer, out *sqs.ListDeadLetterSourceQueuesOutput) {
	w.Strings("queueUrls", "QueueUrl", out.QueueUrls)
	w.Optional("NextToken", aws.ToString(out.NextToken))
}

func putAttributes(w *wire.Writer, out *sqs.GetQueueAttributesOutput) {
	w.Map("Attributes", "Attribute", "Name", "Value", out.Attributes)
}

func putTags(w *wire.Writer, out *sqs.ListQueueTagsOutput) {
	w.Map("Tags", "Tag", "Key", "Value", out.Tags)
}

func putStarted(w *wire.Writer, out *sqs.StartMessageMoveTaskOutput) {
	w.Text("TaskHandle", *out.TaskHandle)
}

func putCancelled(w *wire.Writer, out *sqs.CancelMessageMoveTaskOutput) {
	w.Int("ApproximateNumberOfMessagesMoved", out.ApproximateNumberOfMessagesMoved)
}

func putTasks(w *wire.Writer, out *sqs.ListMessageMoveTasksOutput) {
	if len(out.Results) == 0 {
		w.Absent("Results")
		return
	}
	w.OpenList("Results", "ListMessageMoveTasksResultEntry")
	for i := range out.Results {
		w.OpenItem()
		putTask(w, &out.Results[i])
		w.CloseItem()
	}
	w.CloseList()
}

func putTask(w *wire.Writer, t *types.ListMessageMoveTasksResultEntry) {
	w.Optional("TaskHandle", aws.ToString(t.TaskHandle))
	w.Text("Status", *t.Status)
	w.Text("SourceArn", *t.SourceArn)
	w.Optional("DestinationArn", aws.ToString(t.DestinationArn))
	if n := t.MaxNumberOfMessagesPerSecond; n != nil {
		w.Int("MaxNumberOfMessagesPerSecond", int64(*n))
	} else {
		w.Absent("MaxNumberOfMessagesPerSecond")
	}
	w.Int("ApproximateNumberOfMessagesMoved", t.ApproximateNumberOfMessagesMoved)
	w.Int("ApproximateNumberOfMessagesToMove", aws.ToInt64(t.ApproximateNumberOfMessagesToMove))
	w.Optional("FailureReason", aws.ToString(t.FailureReason))
	w.Int("StartedTimestamp", t.StartedTimestamp)
}
