package conformance

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Client is every action of SQS in the SDK's own shape.
type Client interface {
	AddPermission(context.Context, *sqs.AddPermissionInput, ...func(*sqs.Options)) (*sqs.AddPermissionOutput, error)
	CancelMessageMoveTask(context.Context, *sqs.CancelMessageMoveTaskInput, ...func(*sqs.Options)) (*sqs.CancelMessageMoveTaskOutput, error)
	ChangeMessageVisibility(context.Context, *sqs.ChangeMessageVisibilityInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error)
	ChangeMessageVisibilityBatch(context.Context, *sqs.ChangeMessageVisibilityBatchInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error)
	CreateQueue(context.Context, *sqs.CreateQueueInput, ...func(*sqs.Options)) (*sqs.CreateQueueOutput, error)
	DeleteMessage(context.Context, *sqs.DeleteMessageInput, ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error)
	DeleteMessageBatch(context.Context, *sqs.DeleteMessageBatchInput, ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error)
	DeleteQueue(context.Context, *sqs.DeleteQueueInput, ...func(*sqs.Options)) (*sqs.DeleteQueueOutput, error)
	GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
	GetQueueUrl(context.Context, *sqs.GetQueueUrlInput, ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error)
	ListDeadLetterSourceQueues(context.Context, *sqs.ListDeadLetterSourceQueuesInput, ...func(*sqs.Options)) (*sqs.ListDeadLetterSourceQueuesOutput, error)
	ListMessageMoveTasks(context.Context, *sqs.ListMessageMoveTasksInput, ...func(*sqs.Options)) (*sqs.ListMessageMoveTasksOutput, error)
	ListQueueTags(context.Context, *sqs.ListQueueTagsInput, ...func(*sqs.Options)) (*sqs.ListQueueTagsOutput, error)
	ListQueues(context.Context, *sqs.ListQueuesInput, ...func(*sqs.Options)) (*sqs.ListQueuesOutput, error)
	PurgeQueue(context.Context, *sqs.PurgeQueueInput, ...func(*sqs.Options)) (*sqs.PurgeQueueOutput, error)
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	RemovePermission(context.Context, *sqs.RemovePermissionInput, ...func(*sqs.Options)) (*sqs.RemovePermissionOutput, error)
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
	SetQueueAttributes(context.Context, *sqs.SetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.SetQueueAttributesOutput, error)
	StartMessageMoveTask(context.Context, *sqs.StartMessageMoveTaskInput, ...func(*sqs.Options)) (*sqs.StartMessageMoveTaskOutput, error)
	TagQueue(context.Context, *sqs.TagQueueInput, ...func(*sqs.Options)) (*sqs.TagQueueOutput, error)
	UntagQueue(context.Context, *sqs.UntagQueueInput, ...func(*sqs.Options)) (*sqs.UntagQueueOutput, error)
}

var _ Client = (*sqs.Client)(nil)

// A Trait is something that a backend may lack and a case may need.
type Trait uint

const (
	// Exact backends are stricter than SQS promises to be: replies are complete
	// and in order, counts are exact, and every change is in force at once.
	Exact Trait = 1 << iota

	// Virtual backends live in the case's own testing/synctest bubble, so hours
	// pass in no time and an instant can be met to the nanosecond.
	Virtual

	// Emulated backends also follow the texts and corners which no recording from
	// AWS confirms: what emulators answer, or what was inferred.
	Emulated

	// Lax clients send what the SDK's own client refuses to send, such as a
	// request without a QueueUrl.
	Lax

	// Heavy backends are quick enough for cases of 100,000 messages and more.
	Heavy

	// NotOnSQS is what SQS itself, behind an *sqs.Client, lacks.
	NotOnSQS = Exact | Virtual | Emulated | Lax | Heavy
)

// String lists the traits by name.
func (t Trait) String() string {
	var names []string
	for i, name := range []string{"Exact", "Virtual", "Emulated", "Lax", "Heavy"} {
		if t&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, "|")
}

// Options say how the backend differs from one that can do everything.
// The zero value suits a fresh in-process server.
type Options struct {
	// Without holds the traits that the backend lacks.
	// Cases that need one of them are skipped, aloud.
	Without Trait

	// Prefix is for clients that share an account. Every queue name begins with
	// it, no two cases use the same name, and the queues are deleted in the end.
	// Names cannot be used again for 60 seconds, so each run needs a prefix of
	// its own: at most 20 of the characters that queue names allow.
	Prefix string

	// Query is set when the client speaks the Query protocol, which words a
	// missing queue differently.
	Query bool
}

// A testCase is one rule of SQS.
type testCase struct {
	name  string // noun/rule, stable
	about string // the section of the reference that states the rule, by number and paragraph
	needs Trait
	run   func(c *checker)
}

// Run runs every case, each with a client from newClient.
//
// Unless Options.Without has Virtual, newClient is called inside the bubble of
// its case and must return a client of a fresh, empty account; whatever it starts
// it must stop and await in t.Cleanup.
func Run(t *testing.T, newClient func(t *testing.T) Client, opts ...func(*Options)) {
	t.Helper()
	var o Options
	for _, opt := range opts {
		opt(&o)
	}
	ran, skipped := map[string]int{}, map[string]int{}
	for i, tc := range allCases() {
		t.Run(tc.name, func(t *testing.T) {
			section := strings.Fields(tc.about)[0]
			if lacks := tc.needs & o.Without; lacks != 0 {
				skipped[section]++
				t.Skipf("section %s: the case needs a backend that is %s", tc.about, lacks)
			}
			ran[section]++ // not yet parallel
			t.Parallel()
			play := func(t *testing.T) { tc.run(newChecker(t, newClient(t), o, i)) }
			if o.Without&Virtual == 0 {
				synctest.Test(t, play)
			} else {
				play(t)
			}
		})
	}
	t.Log(tally(ran, skipped))
}

// tally words the number of cases per section of the reference.
func tally(ran, skipped map[string]int) string {
	var sections []string
	for s := range ran {
		sections = append(sections, s)
	}
	for s := range skipped {
		if ran[s] == 0 {
			sections = append(sections, s)
		}
	}
	sort.Strings(sections)
	var b strings.Builder
	all, left := 0, 0
	for _, s := range sections {
		fmt.Fprintf(&b, "\n  section %s: %d run, %d skipped", s, ran[s], skipped[s])
		all += ran[s]
		left += skipped[s]
	}
	return fmt.Sprintf("conformance: %d cases run, %d skipped%s", all, left, b.String())
}

// allCases returns the suite in the order of the reference.
func allCases() []testCase {
	var all []testCase
	for _, cases := range [][]testCase{
		queueCases, unknownQueueCases(), listCases, attributeCases, attributeRangeCases(),
		redrivePolicyCases, redriveAllowPolicyCases, permissionCases, tagCases,
		sendCases, sizeCases, delayCases, idCases, messageAttributeCases, attributeFaultCases(), checksumCases,
		receiveCases, systemAttributeCases, filterCases, visibilityCases, handleCases, batchCases,
		fifoCases, fifoOrderCases, dedupCases, attemptCases, fairCases,
		redriveCases, moveTaskCases, moveTaskErrorCases, purgeCases, retentionCases,
		longPollCases, wakeCases, limitCases,
	} {
		all = append(all, cases...)
	}
	return all
}
