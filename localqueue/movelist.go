package localqueue

import (
	"context"
	"encoding/base64"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// ListMessageMoveTasks lists the latest tasks of a source, newest first.
func (s *Server) ListMessageMoveTasks(ctx context.Context, in *sqs.ListMessageMoveTasksInput, opts ...func(*sqs.Options)) (*sqs.ListMessageMoveTasksOutput, error) {
	return call(ctx, s, "ListMessageMoveTasks", opts, in, s.listMoves)
}

func (s *Server) listMoves(_ namespace, in *sqs.ListMessageMoveTasksInput) (*sqs.ListMessageMoveTasksOutput, error) {
	most := 1
	if in.MaxResults != nil {
		most = int(*in.MaxResults)
		if most < 1 || most > engine.KeptTasks {
			return nil, engine.Errorf(engine.CodeInvalidParameterValue, "Value for parameter MaxResults is invalid. Reason: You must enter a number that's between 1 and %d.", engine.KeptTasks)
		}
	}
	q, err := s.taskQueue(aws.ToString(in.SourceArn))
	if err != nil {
		return nil, err
	}
	out := new(sqs.ListMessageMoveTasksOutput)
	for _, t := range q.q.LatestTasks(most) {
		out.Results = append(out.Results, taskEntry(&t, q.q.Name.ARN()))
	}
	t := q.known() // so that no task is ever told to have moved less again
	q.mu.Unlock()
	return out, t.wait()
}

func taskEntry(t *engine.Task, source string) types.ListMessageMoveTasksResultEntry {
	e := types.ListMessageMoveTasksResultEntry{
		ApproximateNumberOfMessagesMoved:  int64(t.Moved),
		ApproximateNumberOfMessagesToMove: aws.Int64(int64(t.ToMove)),
		SourceArn:                         &source,
		StartedTimestamp:                  t.Started / 1e6,
		Status:                            aws.String(string(t.Status)),
	}
	if t.Destination != "" {
		e.DestinationArn = aws.String(t.Destination)
	}
	if t.Rate != 0 {
		e.MaxNumberOfMessagesPerSecond = aws.Int32(int32(t.Rate))
	}
	if t.Status == engine.Running {
		e.TaskHandle = aws.String(taskHandle(t.ID, source))
	}
	if t.Failure != "" {
		e.FailureReason = aws.String(t.Failure)
	}
	return e
}

// taskText is what a task handle holds.
type taskText struct {
	TaskID    string `json:"taskId"`
	SourceARN string `json:"sourceArn"`
}

func taskHandle(id, source string) string {
	b, _ := json.Marshal(taskText{id, source}) // two strings always encode
	return base64.StdEncoding.EncodeToString(b)
}

func parseTaskHandle(handle string) (id, source string, ok bool) {
	b, err := base64.StdEncoding.DecodeString(handle)
	if err != nil {
		return "", "", false
	}
	var t taskText
	if json.Unmarshal(b, &t) != nil || t.TaskID == "" || t.SourceARN == "" {
		return "", "", false
	}
	return t.TaskID, t.SourceARN, true
}
