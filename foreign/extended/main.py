"""The steps of ../README.md for the Amazon SQS Extended Client Library for Python."""

import importlib.metadata
import os
import pathlib
import sys

import boto3
from sqs_extended_client import SQSExtendedClientSession

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "python"))
import check
import scenario

LARGE = "snow \u2603 \"quoted\" \\ \U0001f389\r\n" * 20000
BODIES = {"new": LARGE, "legacy": LARGE, "small": "small"}


def client(legacy=False):
    sqs = SQSExtendedClientSession().client("sqs", endpoint_url=os.environ["AWS_ENDPOINT_URL_SQS"])
    sqs.large_payload_support = os.environ["QUAYSIDE_BUCKET"]
    sqs.delete_payload_from_s3 = True
    sqs.use_legacy_attribute = legacy
    sqs.s3_client = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL_S3"])
    return sqs


def receive(sqs, prefix):
    """What Go has sent: one message a case, in the attribute of that name."""
    url = sqs.get_queue_url(QueueName=os.environ["QUAYSIDE_FROM_GO"])["QueueUrl"]
    seen = []
    while len(seen) < len(BODIES):
        reply = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=5, MessageAttributeNames=["All"]
        )
        messages = reply.get("Messages", [])
        check.true(messages, f"no more messages after {seen}")
        for m in messages:
            case = m["MessageAttributes"]["case"]["StringValue"]
            check.true(m["Body"] == BODIES[case], f"the body of {case} has {len(m['Body'])} characters, or is another")
            check.equal(set(m["MessageAttributes"]), {"case", "Quayside.Type"}, "attributes")
            check.equal("-..s3Key..-" in m["ReceiptHandle"], case != "small", "came through S3")
            sqs.delete_message(QueueUrl=url, ReceiptHandle=m["ReceiptHandle"])
            seen.append(case)
    check.equal(sorted(seen), sorted(BODIES), "cases")
    counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    check.equal(counts["ApproximateNumberOfMessagesNotVisible"], "0", "messages in flight")


def send(sqs, prefix):
    """What Go is to receive."""
    url = sqs.get_queue_url(QueueName=os.environ["QUAYSIDE_TO_GO"])["QueueUrl"]
    for case, body in BODIES.items():
        attributes = {"case": {"DataType": "String", "StringValue": case}}
        client(legacy=case == "legacy").send_message(QueueUrl=url, MessageBody=body, MessageAttributes=attributes)


if __name__ == "__main__":
    version = importlib.metadata.version("amazon-sqs-extended-client")
    name = f"amazon-sqs-extended-client {version} (boto3 {boto3.__version__})"
    sys.exit(scenario.run(client(), name, {"receive": receive, "send": send}))
