package yardstick

// The requests of the five actions that are measured, with all their members, as encoding/json decodes
// them. Pointers tell an absent number from 0.

type attribute struct {
	DataType, StringValue string
	BinaryValue           []byte
}

type sendRequest struct {
	QueueUrl                string
	MessageBody             string
	DelaySeconds            *int32
	MessageAttributes       map[string]attribute
	MessageSystemAttributes map[string]attribute
	MessageDeduplicationId  *string
	MessageGroupId          *string
}

type sendEntry struct {
	Id string
	sendRequest
}

type sendBatchRequest struct {
	QueueUrl string
	Entries  []sendEntry
}

type receiveRequest struct {
	QueueUrl                    string
	AttributeNames              []string
	MessageSystemAttributeNames []string
	MessageAttributeNames       []string
	MaxNumberOfMessages         *int32
	VisibilityTimeout           *int32
	WaitTimeSeconds             *int32
	ReceiveRequestAttemptId     *string
}

type deleteRequest struct {
	QueueUrl      string
	ReceiptHandle string
}

type deleteEntry struct{ Id, ReceiptHandle string }

type deleteBatchRequest struct {
	QueueUrl string
	Entries  []deleteEntry
}
