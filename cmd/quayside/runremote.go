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

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/sqshttp"
)

// place is where a queue is that was not made here.
type place struct {
	endpoint string // "": where the AWS configuration says
	region   string // "": what the AWS configuration says
}

// place reads --endpoint, --region and the URL of --queue.
func (f *runFlags) place() (place, error) {
	p := place{endpoint: strings.TrimSuffix(f.endpoint, "/")}
	if strings.Contains(f.queue, "://") {
		u, err := url.Parse(f.queue)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Count(u.Path, "/") < 2 {
			return p, fmt.Errorf("--queue %q: want a queue's URL, such as https://sqs.eu-west-1.amazonaws.com/123456789012/orders", f.queue)
		}
		labels := strings.Split(u.Hostname(), ".")
		if len(labels) > 3 && labels[0] == "sqs" && labels[2] == "amazonaws" {
			p.region = labels[1]
		} else if p.endpoint == "" {
			p.endpoint = u.Scheme + "://" + u.Host
		}
	}
	if f.given("region") {
		p.region = f.region
	}
	return p, nil
}

// remoteQueues is a client of the server where the queue is. At an endpoint that was named, a
// region and credentials are made up if there are none: local servers want some, and any.
func remoteQueues(ctx context.Context, f runFlags) (*sqs.Client, error) {
	p, err := f.place()
	if err != nil {
		return nil, err
	}
	options := []func(*config.LoadOptions) error{config.WithRegion(p.region)}
	if p.endpoint != "" {
		options = append(options, config.WithEC2IMDSClientEnableState(imds.ClientDisabled)) // it would be waited for
	}
	c, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("AWS configuration: %w", err)
	}
	if p.endpoint != "" {
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
