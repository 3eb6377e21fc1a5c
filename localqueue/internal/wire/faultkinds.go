package wire

import "github.com/quayside-go/quayside/localqueue/internal/engine"

// Codes of requests that reach no queue.
const (
	CodeAccessDenied = "AccessDenied"
	CodeBadMethod    = "InvalidHttpMethod"     // HTTP's, not SQS's
	CodeTooLarge     = "RequestEntityTooLarge" // the same
)

// kind is what a code says about a fault.
type kind struct {
	shape  string
	status int
}

// kinds has the codes SQS documents: its own errors first, then what any service of
// AWS may answer.
var kinds = map[string]kind{
	engine.CodeBatchIDsNotDistinct:              {sqsShape + "BatchEntryIdsNotDistinct", 400},
	engine.CodeBatchTooLong:                     {sqsShape + "BatchRequestTooLong", 400},
	engine.CodeEmptyBatch:                       {sqsShape + "EmptyBatchRequest", 400},
	engine.CodeInvalidAttributeName:             {sqsShape + "InvalidAttributeName", 400},
	engine.CodeInvalidAttributeValue:            {sqsShape + "InvalidAttributeValue", 400},
	engine.CodeInvalidBatchEntryID:              {sqsShape + "InvalidBatchEntryId", 400},
	engine.CodeInvalidMessageContents:           {sqsShape + "InvalidMessageContents", 400},
	engine.CodeOverLimit:                        {sqsShape + "OverLimit", 403},
	engine.CodePurgeInProgress:                  {sqsShape + "PurgeQueueInProgress", 403},
	engine.CodeQueueDeletedRecently:             {sqsShape + "QueueDeletedRecently", 400},
	engine.CodeQueueDoesNotExist:                {sqsShape + "QueueDoesNotExist", 400},
	engine.CodeQueueNameExists:                  {sqsShape + "QueueNameExists", 400},
	engine.CodeReceiptHandleIsInvalid:           {sqsShape + "ReceiptHandleIsInvalid", 404},
	engine.CodeResourceNotFound:                 {sqsShape + "ResourceNotFoundException", 404},
	engine.CodeTooManyBatchEntries:              {sqsShape + "TooManyEntriesInBatchRequest", 400},
	engine.CodeUnsupportedOperation:             {sqsShape + "UnsupportedOperation", 400},
	"AWS.SimpleQueueService.MessageNotInflight": {shapeMessageNotInflight, 400},
	"InvalidAddress":                            {sqsShape + "InvalidAddress", 404},
	"InvalidIdFormat":                           {shapeInvalidIDFormat, 400},
	"InvalidSecurity":                           {sqsShape + "InvalidSecurity", 403},
	engine.CodeRequestThrottled:                 {sqsShape + "RequestThrottled", 403},
	"KMS.AccessDeniedException":                 {sqsShape + "KmsAccessDenied", 400},
	"KMS.DisabledException":                     {sqsShape + "KmsDisabled", 400},
	"KMS.InvalidKeyUsageException":              {sqsShape + "KmsInvalidKeyUsage", 400},
	"KMS.InvalidStateException":                 {sqsShape + "KmsInvalidState", 400},
	"KMS.NotFoundException":                     {sqsShape + "KmsNotFound", 400},
	"KMS.OptInRequired":                         {sqsShape + "KmsOptInRequired", 403},
	"KMS.ThrottlingException":                   {sqsShape + "KmsThrottled", 400},

	engine.CodeInvalidParameterValue: {coralShape + "InvalidParameterValueException", 400},
	engine.CodeMissingParameter:      {coralShape + "MissingRequiredParameterException", 400},
	engine.CodeThrottling:            {coralShape + "ThrottlingException", 400},
	CodeMalformedInput:               {coralShape + "SerializationException", 400},
	CodeAccessDenied:                 {shapeAccessDenied, 403},
	CodeBadMethod:                    {coralShape + CodeBadMethod, 405},
	CodeTooLarge:                     {coralShape + CodeTooLarge, 413},
	"ExpiredToken":                   {coralShape + "ExpiredToken", 403},
	"IncompleteSignature":            {coralShape + "IncompleteSignatureException", 400},
	engine.CodeInternalFailure:       {coralShape + "InternalFailure", 500},
	"InvalidAction":                  {shapeUnknownOperation, 400},
	"InvalidClientTokenId":           {coralShape + "UnrecognizedClientException", 403},
	"InvalidParameterCombination":    {coralShape + "InvalidParameterCombination", 400},
	"InvalidQueryParameter":          {coralShape + "InvalidQueryParameter", 400},
	"MalformedQueryString":           {coralShape + "MalformedQueryString", 404},
	"MissingAction":                  {coralShape + "MissingAction", 400},
	"MissingAuthenticationToken":     {coralShape + "MissingAuthenticationToken", 403},
	"NotAuthorized":                  {coralShape + "NotAuthorized", 400},
	"OptInRequired":                  {coralShape + "OptInRequired", 403},
	"RequestExpired":                 {coralShape + "RequestExpired", 400},
	engine.CodeServiceUnavailable:    {coralShape + "ServiceUnavailable", 503},
	"SignatureDoesNotMatch":          {coralShape + "InvalidSignatureException", 403},
	"ValidationError":                {coralShape + "ValidationError", 400},
}
