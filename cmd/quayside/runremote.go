package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/internal/attr"
	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/sqshttp"
)

// place is where a queue is that was not made here.
type place struct {
	endpoint string // "": where the AWS configuration says
	region   string // "": what the AWS configuration says
	foreign  bool   // the endpoint is not AWS's: a local server's, say
}

// place reads --endpoint, --region and the URL of --queue.
func (f *runFlags) place() (place, error) {
	p := place{endpoint: strings.TrimSuffix(f.endpoint, "/")}
	if strings.Contains(f.queue, "://") {
		u, err := url.Parse(f.queue)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Count(u.Path, "/") < 2 {
			return p, fmt.Errorf("--queue %q: want a queue's URL, such as https://sqs.eu-west-1.amazonaws.com/123456789012/orders", f.queue)
		}
		p.region = attr.Region(u.Hostname())
		if p.endpoint == "" && !isDefault(u.Hostname()) {
			p.endpoint = u.Scheme + "://" + u.Host
		}
	}
	if p.endpoint != "" {
		u, err := url.Parse(p.endpoint)
		p.foreign = err != nil || !attr.IsAWS(u.Hostname())
	}
	if f.given("region") {
		p.region = f.region
	}
	return p, nil
}

// isDefault reports whether the SDK finds SQS at such a host by its region: one that is neither
// a VPC endpoint nor another that was chosen for a reason, or one of the older ones.
func isDefault(host string) bool {
	return attr.IsAWS(host) && (strings.HasPrefix(host, "sqs.") && !strings.Contains(host, ".api.") || strings.Contains("."+host, ".queue.amazonaws.com"))
}

// remoteQueues is a client of the server where the queue is. At an endpoint that is not AWS's a
// region and credentials are made up if there are none: local servers want some, and any.
func remoteQueues(ctx context.Context, f runFlags) (*sqs.Client, error) {
	p, err := f.place()
	if err != nil {
		return nil, err
	}
	options := []func(*config.LoadOptions) error{config.WithRegion(p.region)}
	if p.foreign {
		options = append(options, config.WithEC2IMDSClientEnableState(imds.ClientDisabled)) // it would be waited for
	}
	c, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("AWS configuration: %w", err)
	}
	if p.foreign {
		if c.Region == "" {
			c.Region = localqueue.DefaultRegion
		}
		if _, err := c.Credentials.Retrieve(ctx); err != nil {
			c.Credentials = credentials.NewStaticCredentialsProvider(localqueue.DefaultAccount, dummySecret, "")
		}
	}
	if c.Region == "" {
		return nil, errors.New("no region: set AWS_REGION, or give --region")
	}
	return sqs.NewFromConfig(c, func(o *sqs.Options) {
		o.HTTPClient = sqshttp.New()
		if p.endpoint != "" {
			o.BaseEndpoint = aws.String(p.endpoint)
		}
	}), nil
}

// localEnvironment is what the function's processes get so that its own SDK clients find the
// queue made here. Keys are added if it has none.
func localEnvironment(endpoint, account string, getenv func(string) string) []string {
	env := []string{"AWS_ENDPOINT_URL_SQS=" + endpoint}
	if getenv("AWS_ACCESS_KEY_ID") == "" && getenv("AWS_PROFILE") == "" {
		env = append(env, "AWS_ACCESS_KEY_ID="+account, "AWS_SECRET_ACCESS_KEY="+dummySecret)
	}
	return env
}
