package sigv4

import (
	"strings"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// The codes of refusals, as the Query protocol spells them.
const (
	CodeExpiredToken         = "ExpiredToken"          // 403
	CodeIncompleteSignature  = "IncompleteSignature"   // 400
	CodeInvalidClientTokenID = "InvalidClientTokenId"  // 403
	CodeMalformedQuery       = "MalformedQueryString"  // 404
	CodeSignatureMismatch    = "SignatureDoesNotMatch" // 403
)

const (
	textMismatch = "The request signature we calculated does not match the signature you provided. " +
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
	textUnknownKey   = "The security token included in the request is invalid."
	textWrongToken   = "The security token included in the request is invalid"
	textExpiredToken = "The security token included in the request is expired"
	textBadQuery     = "The query string contains a syntax error."
	textBoth         = "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."
)

func refuse(code, text string) error { return &engine.Error{Code: code, Message: text} }

func notAPair(field, header string) error {
	return engine.Errorf(CodeIncompleteSignature,
		"'%s' not a valid key=value pair (missing equal-sign) in Authorization header: '%s'.", field, header)
}

// missingInHeader names every absent parameter; dated is whether the request
// carries a date at all.
func missingInHeader(absent []string, dated bool, header string) error {
	var b strings.Builder
	for _, name := range absent {
		b.WriteString("Authorization header requires '" + name + "' parameter. ")
	}
	if !dated {
		b.WriteString("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
	}
	return refuse(CodeIncompleteSignature, b.String()+"Authorization="+header)
}

func missingInQuery(absent []string) error {
	var b strings.Builder
	for _, name := range absent {
		b.WriteString("AWS query-string parameters must include '" + name + "'. ")
	}
	return refuse(CodeIncompleteSignature, b.String()+"Re-examine the query-string parameters.")
}

func repeatedInQuery(name string) error {
	return engine.Errorf(CodeIncompleteSignature,
		"AWS query-string parameters must include '%s' only once. Re-examine the query-string parameters.", name)
}

func badDate(got string) error {
	return engine.Errorf(CodeIncompleteSignature,
		"Date must be in ISO-8601 'basic format'. Got '%s'. See http://en.wikipedia.org/wiki/ISO_8601", got)
}

func badAlgorithm(got string) error {
	return engine.Errorf(CodeIncompleteSignature,
		"Unsupported AWS 'algorithm': '%s' (only %s for now). ", got, algorithm)
}

func badCredential(got string) error {
	return engine.Errorf(CodeIncompleteSignature,
		"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '%s'", got)
}

func notSigned(header string) error {
	return engine.Errorf(CodeSignatureMismatch, "%s must be a 'SignedHeader' in the AWS Authorization.", header)
}

func tooOld(t, earliest, now time.Time) error {
	return engine.Errorf(CodeSignatureMismatch, "Signature expired: %s is now earlier than %s (%s - 15 min.)",
		t.Format(timeFormat), earliest.Format(timeFormat), now.Format(timeFormat))
}

func tooNew(t, latest, now time.Time) error {
	return engine.Errorf(CodeSignatureMismatch, "Signature not yet current: %s is still later than %s (%s + 15 min.)",
		t.Format(timeFormat), latest.Format(timeFormat), now.Format(timeFormat))
}
