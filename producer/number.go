package producer

import (
	"strconv"
	"strings"
)

// isNumber reports whether SQS takes s as the value of a Number: a decimal number of at
// most 38 significant digits whose magnitude is 0 or lies in 10^-128 to 10^126.
func isNumber(s string) bool {
	mantissa, exponent, scientific := strings.Cut(strings.ToLower(s), "e")
	if scientific && !isInteger(exponent) {
		return false
	}
	whole, fraction, _ := strings.Cut(unsigned(mantissa), ".")
	digits := whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return false
	}
	significant := strings.Trim(digits, "0")
	if significant == "" || len(significant) > 38 {
		return significant == ""
	}
	e := 0
	if scientific {
		if len(exponent) > 6 {
			return false
		}
		e, _ = strconv.Atoi(exponent) // a sign and five digits at most
	}
	leading := len(digits) - len(strings.TrimLeft(digits, "0"))
	magnitude := e + len(whole) - leading - 1 // of the first significant digit
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
