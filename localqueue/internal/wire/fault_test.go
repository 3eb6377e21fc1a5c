package wire_test

import (
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/wire"
)

const (
	sqsShape   = "com.amazonaws.sqs#"
	coralShape = "com.amazon.coral.service#"
)

func TestFaultOf(t *testing.T) {
	t.Parallel()
	own := func(shape string) string { return "AWS.SimpleQueueService." + shape }
	tests := []struct {
		code, shape string
		status      int
	}{
		{own("BatchEntryIdsNotDistinct"), sqsShape + "BatchEntryIdsNotDistinct", 400},
		{own("BatchRequestTooLong"), sqsShape + "BatchRequestTooLong", 400},
		{own("EmptyBatchRequest"), sqsShape + "EmptyBatchRequest", 400},
		{own("InvalidBatchEntryId"), sqsShape + "InvalidBatchEntryId", 400},
		{own("TooManyEntriesInBatchRequest"), sqsShape + "TooManyEntriesInBatchRequest", 400},
		{own("MessageNotInflight"), sqsShape + "MessageNotInflight", 400},
		{own("QueueDeletedRecently"), sqsShape + "QueueDeletedRecently", 400},
		{own("UnsupportedOperation"), sqsShape + "UnsupportedOperation", 400},
		{own("NonExistentQueue"), sqsShape + "QueueDoesNotExist", 400},
		{own("PurgeQueueInProgress"), sqsShape + "PurgeQueueInProgress", 403},
		{"QueueAlreadyExists", sqsShape + "QueueNameExists", 400},
		{"InvalidAttributeName", sqsShape + "InvalidAttributeName", 400},
		{"InvalidAttributeValue", sqsShape + "InvalidAttributeValue", 400},
		{"InvalidIdFormat", sqsShape + "InvalidIdFormat", 400},
		{"InvalidMessageContents", sqsShape + "InvalidMessageContents", 400},
		{"ReceiptHandleIsInvalid", sqsShape + "ReceiptHandleIsInvalid", 404},
		{"InvalidAddress", sqsShape + "InvalidAddress", 404},
		{"ResourceNotFoundException", sqsShape + "ResourceNotFoundException", 404},
		{"OverLimit", sqsShape + "OverLimit", 403},
		{"RequestThrottled", sqsShape + "RequestThrottled", 403},
		{"InvalidSecurity", sqsShape + "InvalidSecurity", 403},
		{"KMS.AccessDeniedException", sqsShape + "KmsAccessDenied", 400},
		{"KMS.DisabledException", sqsShape + "KmsDisabled", 400},
		{"KMS.InvalidKeyUsageException", sqsShape + "KmsInvalidKeyUsage", 400},
		{"KMS.InvalidStateException", sqsShape + "KmsInvalidState", 400},
		{"KMS.NotFoundException", sqsShape + "KmsNotFound", 400},
		{"KMS.ThrottlingException", sqsShape + "KmsThrottled", 400},
		{"KMS.OptInRequired", sqsShape + "KmsOptInRequired", 403},
		{"InvalidParameterValue", coralShape + "InvalidParameterValueException", 400},
		{"MissingParameter", coralShape + "MissingRequiredParameterException", 400},
		{"InvalidAction", coralShape + "UnknownOperationException", 400},
		{"MalformedInput", coralShape + "SerializationException", 400},
		{"AccessDenied", coralShape + "AccessDeniedException", 403},
		{"InvalidClientTokenId", coralShape + "UnrecognizedClientException", 403},
		{"SignatureDoesNotMatch", coralShape + "InvalidSignatureException", 403},
		{"IncompleteSignature", coralShape + "IncompleteSignatureException", 400},
		{"ExpiredToken", coralShape + "ExpiredToken", 403},
		{"InternalFailure", coralShape + "InternalFailure", 500},
		{"ServiceUnavailable", coralShape + "ServiceUnavailable", 503},
		{"InvalidParameterCombination", coralShape + "InvalidParameterCombination", 400},
		{"InvalidQueryParameter", coralShape + "InvalidQueryParameter", 400},
		{"MalformedQueryString", coralShape + "MalformedQueryString", 404},
		{"MissingAction", coralShape + "MissingAction", 400},
		{"MissingAuthenticationToken", coralShape + "MissingAuthenticationToken", 403},
		{"OptInRequired", coralShape + "OptInRequired", 403},
		{"RequestExpired", coralShape + "RequestExpired", 400},
		{"ThrottlingException", coralShape + "ThrottlingException", 400},
		{"ValidationError", coralShape + "ValidationError", 400},
		{"NotAuthorized", coralShape + "NotAuthorized", 400},
		{"Never.Heard", coralShape + "Never.Heard", 400},
	}
	for _, tt := range tests {
		want := wire.Fault{Shape: tt.shape, Code: tt.code, Message: "m", Status: tt.status, Receiver: tt.status >= 500}
		if got := wire.FaultOf(tt.code, "m"); got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", tt.code, got, want)
		}
	}
}

func TestFaultHeader(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		engine.CodeQueueDoesNotExist: "AWS.SimpleQueueService.NonExistentQueue;Sender",
		"InternalFailure":            "InternalFailure;Receiver",
		"InvalidAction":              "",
		"Never.Heard":                "Never.Heard;Sender",
	} {
		if got := wire.FaultOf(code, "").Header(); got != want {
			t.Errorf("%s: header %q, want %q", code, got, want)
		}
	}
}

func TestFault(t *testing.T) {
	t.Parallel()
	inXML := func(side, code, message string) string {
		if message != "" {
			message = "<Message>" + message + "</Message>"
		}
		return xmlHead + "<ErrorResponse" + xmlns + "><Error><Type>" + side + "</Type><Code>" + code + "</Code>" + message +
			"<Detail/></Error><RequestId>r-1</RequestId></ErrorResponse>"
	}
	inQuery := func(side, code, message string) string {
		return `{"Error":{"Code":"` + code + `","Message":` + message + `,"Type":"` + side + `","Detail":null},"RequestId":"r-1"}`
	}
	tests := []struct {
		code, message string
		want          [3]string
	}{
		{engine.CodeQueueDoesNotExist, `no "q" & <r>`, [3]string{
			`{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no \"q\" & <r>"}`,
			inXML("Sender", engine.CodeQueueDoesNotExist, "no &quot;q&quot; &amp; &lt;r&gt;"),
			inQuery("Sender", engine.CodeQueueDoesNotExist, `"no \"q\" & <r>"`),
		}},
		{"ServiceUnavailable", "later", [3]string{
			`{"__type":"com.amazon.coral.service#ServiceUnavailable","message":"later"}`,
			inXML("Receiver", "ServiceUnavailable", "later"),
			inQuery("Receiver", "ServiceUnavailable", `"later"`),
		}},
		{"AccessDenied", "no", [3]string{
			`{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"no"}`,
			inXML("Sender", "AccessDenied", "no"),
			inQuery("Sender", "AccessDenied", `"no"`),
		}},
		{"InvalidAction", "The action X is not valid for this endpoint.", [3]string{
			`{"__type":"com.amazon.coral.service#UnknownOperationException"}`,
			inXML("Sender", "InvalidAction", "The action X is not valid for this endpoint."),
			inQuery("Sender", "InvalidAction", `"The action X is not valid for this endpoint."`),
		}},
		{"InvalidIdFormat", "m", [3]string{
			`{"__type":"com.amazonaws.sqs#InvalidIdFormat"}`,
			inXML("Sender", "InvalidIdFormat", "m"),
			inQuery("Sender", "InvalidIdFormat", `"m"`),
		}},
		{"OverLimit", "", [3]string{
			`{"__type":"com.amazonaws.sqs#OverLimit"}`,
			inXML("Sender", "OverLimit", ""),
			inQuery("Sender", "OverLimit", `null`),
		}},
	}
	for _, tt := range tests {
		t.Run(tt.code, func(t *testing.T) {
			t.Parallel()
			f := wire.FaultOf(tt.code, tt.message)
			checkReply(t, "Do", func(w *wire.Writer) { w.Fault(f) }, tt.want)
			checkReply(t, "Do", func(w *wire.Writer) { // a reply begun is forgotten
				w.Open()
				w.OpenPairs("A", "a")
				w.Pair("b", "c")
				w.Fault(f)
			}, tt.want)
		})
	}
}
