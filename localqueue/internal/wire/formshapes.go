package wire

import "slices"

// formKind is what a member of a request is in a form.
type formKind uint8

const (
	formText           formKind = iota // Name=value
	formInteger                        // the same
	formList                           // Key.1=value
	formStructures                     // Key.1.Member=...: a list
	formPairs                          // Key.1.Name=..., Key.1.Value=...: a map of strings
	formStructurePairs                 // Key.1.Name=..., Key.1.Value.Member=...: a map
)

// formMember is a member of a request: its name in JSON, and in a form where
// nothing else is said.
type formMember struct {
	name         string
	kind         formKind
	keys         []string     // of a list or map in a form: singular, plural
	name1, name2 string       // of the two sides of pairs
	members      []formMember // of each structure
}

func textMember(name string) formMember { return formMember{name: name} }
func intMember(name string) formMember  { return formMember{name: name, kind: formInteger} }

func listMember(name string, keys ...string) formMember {
	return formMember{name: name, kind: formList, keys: append(keys, name)}
}

func tagsMember(name string) formMember {
	return formMember{name: name, kind: formPairs, keys: []string{"Tag", "Tags", "tags"}, name1: "Key", name2: "Value"}
}

func attributesMember(name, key string) formMember {
	return formMember{
		name: name, kind: formStructurePairs, keys: []string{key, name},
		name1: "Name", name2: "Value", members: valueMembers,
	}
}

var (
	urlMember       = textMember("QueueUrl")
	queueAttributes = formMember{
		name: "Attributes", kind: formPairs, keys: []string{"Attribute", "Attributes"},
		name1: "Name", name2: "Value",
	}
	valueMembers = []formMember{
		textMember("DataType"), textMember("StringValue"), textMember("BinaryValue"),
		listMember("StringListValues", "StringListValue"), listMember("BinaryListValues", "BinaryListValue"),
	}
	sendMembers = []formMember{
		textMember("MessageBody"), intMember("DelaySeconds"),
		textMember("MessageGroupId"), textMember("MessageDeduplicationId"),
		attributesMember("MessageAttributes", "MessageAttribute"),
		attributesMember("MessageSystemAttributes", "MessageSystemAttribute"),
	}
	deleteMembers = []formMember{textMember("ReceiptHandle")}
	changeMembers = []formMember{textMember("ReceiptHandle"), intMember("VisibilityTimeout")}
)

// batchOf is the members of a batch whose entries have an id and members.
func batchOf(key string, members []formMember) []formMember {
	members = slices.Concat([]formMember{textMember("Id")}, members)
	return []formMember{urlMember, {name: "Entries", kind: formStructures, keys: []string{key, "Entries"}, members: members}}
}

// toQueue is the members of a call that has members and a queue's URL.
func toQueue(members ...formMember) []formMember {
	return slices.Concat([]formMember{urlMember}, members)
}

// shapes are the members of every action.
var shapes = map[string][]formMember{
	"AddPermission": toQueue(textMember("Label"),
		listMember("AWSAccountIds", "AWSAccountId"), listMember("Actions", "ActionName", "ActionNames")),
	"CancelMessageMoveTask":        {textMember("TaskHandle")},
	"ChangeMessageVisibility":      toQueue(changeMembers...),
	"ChangeMessageVisibilityBatch": batchOf("ChangeMessageVisibilityBatchRequestEntry", changeMembers),
	"CreateQueue":                  {textMember("QueueName"), queueAttributes, tagsMember("tags")},
	"DeleteMessage":                toQueue(deleteMembers...),
	"DeleteMessageBatch":           batchOf("DeleteMessageBatchRequestEntry", deleteMembers),
	"DeleteQueue":                  toQueue(),
	"GetQueueAttributes":           toQueue(listMember("AttributeNames", "AttributeName")),
	"GetQueueUrl":                  {textMember("QueueName"), textMember("QueueOwnerAWSAccountId")},
	"ListDeadLetterSourceQueues":   toQueue(intMember("MaxResults"), textMember("NextToken")),
	"ListMessageMoveTasks":         {textMember("SourceArn"), intMember("MaxResults")},
	"ListQueueTags":                toQueue(),
	"ListQueues":                   {textMember("QueueNamePrefix"), intMember("MaxResults"), textMember("NextToken")},
	"PurgeQueue":                   toQueue(),
	"ReceiveMessage": toQueue(
		intMember("MaxNumberOfMessages"), intMember("VisibilityTimeout"), intMember("WaitTimeSeconds"),
		textMember("ReceiveRequestAttemptId"),
		listMember("AttributeNames", "AttributeName"),
		listMember("MessageSystemAttributeNames", "MessageSystemAttributeName"),
		listMember("MessageAttributeNames", "MessageAttributeName")),
	"RemovePermission":     toQueue(textMember("Label")),
	"SendMessage":          toQueue(sendMembers...),
	"SendMessageBatch":     batchOf("SendMessageBatchRequestEntry", sendMembers),
	"SetQueueAttributes":   toQueue(queueAttributes),
	"StartMessageMoveTask": {textMember("SourceArn"), textMember("DestinationArn"), intMember("MaxNumberOfMessagesPerSecond")},
	"TagQueue":             toQueue(tagsMember("Tags")),
	"UntagQueue":           toQueue(listMember("TagKeys", "TagKey")),
}
