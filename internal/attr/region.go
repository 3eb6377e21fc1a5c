package attr

import (
	"slices"
	"strings"
)

// Region returns the region that an address of SQS names: sqs.REGION.amazonaws.com and the
// like, those of FIPS and VPC endpoints, the older REGION.queue.amazonaws.com, and those of
// local servers in one of these forms. "" if it is none.
func Region(host string) string {
	if host == "queue.amazonaws.com" {
		return "us-east-1"
	}
	label := strings.Split(host, ".")
	region := ""
	if i := slices.IndexFunc(label, func(l string) bool { return l == "sqs" || l == "sqs-fips" }); i >= 0 && i+2 < len(label) {
		region = label[i+1]
	} else if len(label) > 2 && label[1] == "queue" {
		region = label[0]
	}
	if !strings.Contains(region, "-") { // as us-east-1
		return ""
	}
	return region
}

// IsAWS reports whether a host is one of AWS's own.
func IsAWS(host string) bool {
	return slices.ContainsFunc([]string{".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".api.amazonwebservices.com.cn"},
		func(domain string) bool { return strings.HasSuffix(host, domain) })
}
