package wire

// Fault is a refusal as the protocols tell it.
type Fault struct {
	Shape    string // with its namespace: "com.amazonaws.sqs#QueueDoesNotExist"; JSON's __type
	Code     string // as the Query protocol spells it: "AWS.SimpleQueueService.NonExistentQueue"
	Message  string // for people; may be empty
	Status   int    // of the HTTP response
	Receiver bool   // the server's fault, not the sender's
}

// The namespaces of shapes: SQS's own errors, and those of the framework before it.
const (
	sqsShape   = "com.amazonaws.sqs#"
	coralShape = "com.amazon.coral.service#"
)

// Shapes whose faults are spelled in a way of their own.
const (
	shapeAccessDenied       = coralShape + "AccessDeniedException"
	shapeUnknownOperation   = coralShape + "UnknownOperationException"
	shapeInvalidIDFormat    = sqsShape + "InvalidIdFormat"
	shapeMessageNotInflight = sqsShape + "MessageNotInflight"
)

// FaultOf is the fault of a Query error code. A code that SQS does not have is the
// sender's fault, with status 400 and a shape of the same name.
func FaultOf(code, message string) Fault {
	k, ok := kinds[code]
	if !ok {
		k = kind{coralShape + code, 400}
	}
	return Fault{Shape: k.shape, Code: code, Message: message, Status: k.status, Receiver: k.status >= 500}
}

// Header is the value of x-amzn-query-error, by which SDKs that speak JSON learn the
// Query code. It is empty where SQS sends no such header.
func (f Fault) Header() string {
	if f.Shape == shapeUnknownOperation {
		return ""
	}
	return f.Code + ";" + f.side()
}

// side is whose fault it is.
func (f Fault) side() string {
	if f.Receiver {
		return "Receiver"
	}
	return "Sender"
}

// messageKey is the member in which JSON has the message; empty: in none.
func (f Fault) messageKey() string {
	switch f.Shape {
	case shapeUnknownOperation, shapeInvalidIDFormat, shapeMessageNotInflight:
		return ""
	case shapeAccessDenied:
		return "Message"
	}
	return "message"
}
