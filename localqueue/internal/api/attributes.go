package api

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

const maxAttributes = 10

// checkAttributes validates the message attributes of a send and sorts them by
// name, as checksums and receives want them.
func checkAttributes(attrs []Attribute) error {
	if len(attrs) > maxAttributes {
		return invalid("Number of message attributes [%d] exceeds the allowed maximum [%d].", len(attrs), maxAttributes)
	}
	slices.SortFunc(attrs, func(a, b Attribute) int { return strings.Compare(a.Name, b.Name) })
	for i := range attrs {
		a := &attrs[i]
		if err := checkName(a.Name); err != nil {
			return err
		}
		if i > 0 && a.Name == attrs[i-1].Name {
			return invalid("Message (user) attribute name '%s' already exists.", a.Name)
		}
		if err := checkValue(a); err != nil {
			return err
		}
	}
	return nil
}

func invalid(format string, args ...any) error {
	return engine.Errorf(engine.CodeInvalidParameterValue, format, args...)
}

func checkName(n string) error {
	if n == "" {
		return invalid("The request must contain non-empty message attribute name.")
	}
	if len(n) > 256 {
		return invalid("Message (user) attribute name '%s' must be shorter than 256 bytes.", n)
	}
	low := strings.ToLower(n)
	if strings.HasPrefix(low, "aws.") || strings.HasPrefix(low, "amazon.") {
		return invalid("You can't use message attribute names beginning with 'AWS.' or 'Amazon'. These strings are reserved for internal use.")
	}
	legal := n[0] != '.' && n[len(n)-1] != '.' && !strings.Contains(n, "..")
	for _, r := range n {
		legal = legal && nameRune(r)
	}
	if !legal {
		return invalid("Invalid message (user) attribute name '%s'. A name can contain alphanumeric characters and the underscore (_), hyphen (-), and period (.), and can't start or end with a period or have periods in succession.", n)
	}
	return nil
}

func nameRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
		r == '_' || r == '-' || r == '.' || r >= 0x80 && unicode.In(r, unicode.Latin)
}

// checkValue validates type and value; what the value is, the type says.
func checkValue(a *Attribute) error {
	if a.Lists {
		return engine.Errorf(engine.CodeUnsupportedOperation, "Message attribute list values in SendMessage operation are not supported.")
	}
	if !a.Type.Set || a.Type.S == "" {
		return invalid("The message (user) attribute '%s' must contain a non-empty message attribute type.", a.Name)
	}
	kind, label, labelled := strings.Cut(a.Type.S, ".")
	known := kind == "String" || kind == "Number" || kind == "Binary"
	if !known || len(a.Type.S) > 256 || labelled && label == "" || !legalText(a.Type.S) {
		return invalid("The type of message (user) attribute '%s' is invalid. You must use only the following supported type prefixes: Binary, Number, String.", a.Name)
	}
	if !a.String.Set && a.Binary == nil {
		return invalid("The message (user) attribute '%s' must contain a non-empty message attribute value.", a.Name)
	}
	if kind == "Binary" && len(a.Binary) == 0 || kind != "Binary" && a.String.S == "" {
		return invalid("Message (user) attribute '%s' must contain a non-empty value of type '%s'.", a.Name, kind)
	}
	if kind == "Number" && !isNumber(a.String.S) {
		return invalid("Can't cast the value of message (user) attribute '%s' to a number.", a.Name)
	}
	if kind == "String" && !legalText(a.String.S) {
		return invalid("The value of message (user) attribute '%s' is invalid. %s", a.Name, illegalText)
	}
	return nil
}

func (a *Attribute) isBinary() bool { return isBinaryType(a.Type.S) }

func isBinaryType(t string) bool { return strings.HasPrefix(t, "Binary") }

// size is what an attribute adds to the size of its message.
func (a *Attribute) size() int {
	n := len(a.Name) + len(a.Type.S)
	if a.isBinary() {
		return n + len(a.Binary)
	}
	return n + len(a.String.S)
}

// isNumber reports whether s is a decimal number of at most 38 significant
// digits whose magnitude is 0 or lies in 10^-128 to 10^+126.
func isNumber(s string) bool {
	mantissa, exp, hasExp := strings.Cut(strings.ToLower(s), "e")
	mantissa = unsigned(mantissa)
	whole, frac, _ := strings.Cut(mantissa, ".")
	digits := whole + frac
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return false
	}
	significant := strings.Trim(digits, "0")
	if len(significant) > 38 {
		return false
	}
	if significant == "" {
		return !hasExp || isInteger(exp)
	}
	e := 0
	if hasExp {
		if !isInteger(exp) || len(exp) > 6 {
			return false
		}
		e, _ = strconv.Atoi(exp) // at most a sign and five digits
	}
	// The value is 0.significant times ten to the power of top.
	top := e + len(whole) - (len(digits) - len(strings.TrimLeft(digits, "0")))
	magnitude := top - 1
	return magnitude >= -128 && (magnitude < 126 || magnitude == 126 && significant == "1")
}

// unsigned is s without the sign it may begin with.
func unsigned(s string) string {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		return s[1:]
	}
	return s
}

func isInteger(s string) bool {
	s = unsigned(s)
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// checkSystem validates MessageSystemAttributes and returns the trace header.
func checkSystem(attrs []Attribute) (trace string, err error) {
	for i := range attrs {
		a := &attrs[i]
		if a.Name != "AWSTraceHeader" {
			return "", invalid("Message system attribute name '%s' is invalid. The only supported name is AWSTraceHeader.", a.Name)
		}
		if a.Type.S != "String" {
			return "", invalid("The type of message (system) attribute '%s' is invalid. You must use only the following supported type prefixes: String.", a.Name)
		}
		if a.String.S == "" {
			return "", invalid("Message (system) attribute '%s' must contain a non-empty value of type 'String'.", a.Name)
		}
		if !legalText(a.String.S) {
			return "", invalid("The value of message (system) attribute '%s' is invalid. %s", a.Name, illegalText)
		}
		trace = a.String.S
	}
	return trace, nil
}
