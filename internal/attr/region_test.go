package attr_test

import (
	"testing"

	"github.com/quayside-go/quayside/internal/attr"
)

func TestRegion(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]struct {
		region string
		aws    bool
	}{
		"sqs.eu-west-1.amazonaws.com":              {"eu-west-1", true},
		"sqs.cn-north-1.amazonaws.com.cn":          {"cn-north-1", true},
		"sqs.eu-west-1.api.aws":                    {"eu-west-1", true},
		"sqs-fips.us-gov-west-1.amazonaws.com":     {"us-gov-west-1", true},
		"vpce-0a.sqs.us-east-1.vpce.amazonaws.com": {"us-east-1", true},
		"us-east-2.queue.amazonaws.com":            {"us-east-2", true},
		"queue.amazonaws.com":                      {"us-east-1", true},
		"cn-north-1.queue.amazonaws.com.cn":        {"cn-north-1", true},
		"sqs.eu-west-1.localhost":                  {"eu-west-1", false},
		"sqs.example.com":                          {"", false},
		"sqs-amazonaws.com":                        {"", false},
		"127.0.0.1":                                {"", false},
		"localhost":                                {"", false},
	} {
		if region, aws := attr.Region(host), attr.IsAWS(host); region != want.region || aws != want.aws {
			t.Errorf("%s: %q, %t; want %q, %t", host, region, aws, want.region, want.aws)
		}
	}
}
