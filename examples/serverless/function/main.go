// Function is the handler as an AWS Lambda function with an SQS trigger: built for Linux
// under the name of bootstrap, it is what the runtime provided.al2023 runs.
package main

import (
	"context"
	"log"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/examples/serverless/shipping"
	"github.com/quayside-go/quayside/sqshttp"
	"github.com/quayside-go/quayside/worker/onlambda"
)

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal("function: ", err)
	}
	lambda.Start(onlambda.Handler(shipping.Handler(), func(o *onlambda.Options) {
		// For RetryAfter and DeadLetter.
		o.Client = sqs.NewFromConfig(cfg, func(o *sqs.Options) { o.HTTPClient = sqshttp.New() })
	}))
}
