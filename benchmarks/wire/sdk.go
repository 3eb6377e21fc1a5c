package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/sdk"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// sdkWorkloads are what the two clients do, the lean one first.
var sdkWorkloads = [][2]workload{
	{workloads[0], {name: "send", op: sdkSend, sends: 1, sdk: true}},
	{workloads[3], {name: "cycle", op: sdkCycle, sends: 10, takes: true, sdk: true}},
}

// clients are the two.
var clients = [2]string{"lean client", "AWS SDK"}

// sdkClient measures sends and the batch cycle by the AWS SDK beside the lean client: what an application
// gets, and how much of it is the client's.
func (b *bench) sdkClient() error {
	subjects := b.everybody()
	servers, err := b.up("sdk", subjects)
	if err != nil {
		return err
	}
	for i, pair := range sdkWorkloads {
		b.progress("sdk, %s", pair[0].name)
		what := "sdk, " + pair[0].name
		of := [2]map[string]*lane{{}, {}}
		var lanes []*lane
		for _, s := range servers {
			for k, w := range pair {
				l := &lane{server: s, work: w}
				of[k][s.name] = l
				lanes = append(lanes, l)
			}
		}
		if err := b.race(what, lanes, judged, b.plan.races/2); err != nil {
			return err
		}
		b.tabulateSDK(subjects, workloads[[2]int{0, 3}[i]], of)
	}
	return nil
}

// tabulateSDK writes two rows for every server.
func (b *bench) tabulateSDK(subjects []subject, w workload, of [2]map[string]*lane) {
	columns := []string{"server", "client", "/s", "x lean", "server CPU us/" + w.unit, "x lean", "client CPU us/" + w.unit, "x lean"}
	t := b.report.Table(fmt.Sprintf("%s, %d connections, by the AWS SDK for Go and by the lean client", w.title, judged), columns...)
	for _, x := range subjects {
		lean := of[0][x.name].reached()
		if lean == nil {
			lean = &series{} // nothing has a ratio to that
		}
		for k, client := range clients {
			got := of[k][x.name].reached()
			if got == nil {
				failedRow(t, len(columns), of[k][x.name], x.name, client)
				continue
			}
			at := report.Under(client)
			b.report.Note("sdk", x.name, at, w.name+", rate", w.unit+"s/s", got.rate...)
			b.report.Note("sdk", x.name, at, w.name+", processor time", "s/"+w.unit, got.server...)
			b.report.Note("sdk", x.name, at, w.name+", processor time of the client", "s/"+w.unit, got.client...)
			t.Row(x.name, client, report.Count(stats.Median(got.rate)), report.Ratio(stats.Ratio(got.rate, lean.rate)),
				report.Micros(stats.Median(got.server)), report.Ratio(stats.Ratio(got.server, lean.server)),
				report.Micros(stats.Median(got.client)), report.Ratio(stats.Ratio(got.client, lean.client)))
		}
	}
	b.report.Plot(report.Plot{
		Name: "sdk-" + w.name, Title: map[string]string{"send": "SendMessage", "cycle": "Batch cycle"}[w.name] + ", by two clients", Measure: "sdk", What: w.name + ", rate", Y: w.unit + "s/s",
	})
}

// sdkCallers are n callers of one client, as an application has it.
func (s *server) sdkCallers(n int) []*caller {
	client := sdk.New("http://"+s.process.Addr, sdk.Far(0))
	all := make([]*caller, n)
	for i := range all {
		all[i] = &caller{sdk: client}
	}
	return all
}

// patient is the context of one request.
func patient() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), patience)
}

func sdkSend(c *caller) (int, error) {
	ctx, end := patient()
	defer end()
	_, err := c.sdk.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &c.to.url, MessageBody: &c.to.text})
	return 1, err
}

func sdkCycle(c *caller) (int, error) {
	ctx, end := patient()
	defer end()
	batch := make([]types.SendMessageBatchRequestEntry, 10)
	for i := range batch {
		batch[i] = types.SendMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), MessageBody: &c.to.text}
	}
	sent, err := c.sdk.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &c.to.url, Entries: batch})
	if err != nil {
		return 0, err
	}
	if len(sent.Successful) != len(batch) {
		return 0, fmt.Errorf("%d messages of a batch of %d were sent", len(sent.Successful), len(batch))
	}
	got, err := c.sdk.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &c.to.url, MaxNumberOfMessages: 10})
	if err != nil || len(got.Messages) == 0 {
		return 0, err
	}
	return c.sdkDelete(ctx, got.Messages)
}

// sdkDelete deletes messages together.
func (c *caller) sdkDelete(ctx context.Context, messages []types.Message) (int, error) {
	batch := make([]types.DeleteMessageBatchRequestEntry, len(messages))
	for i, m := range messages {
		batch[i] = types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: m.ReceiptHandle}
	}
	deleted, err := c.sdk.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &c.to.url, Entries: batch})
	if err == nil && len(deleted.Successful) != len(batch) {
		err = fmt.Errorf("%d messages of a batch of %d were deleted", len(deleted.Successful), len(batch))
	}
	return len(messages), err
}
