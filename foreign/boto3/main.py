"""Runs the scenario through boto3: the newest speaks JSON, 1.26 the Query protocol."""

import os
import pathlib
import sys

import boto3
import botocore

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "python"))
import check
import scenario


def errors(sqs, prefix):
    """The step of that name, and that errors have boto3's own types."""
    scenario.STEPS["errors"](sqs, prefix)
    try:
        sqs.get_queue_url(QueueName=prefix + "missing")
    except sqs.exceptions.QueueDoesNotExist as e:
        check.equal(e.response["ResponseMetadata"]["HTTPStatusCode"], 400, "status")


def main():
    # The versions before 1.28 do not read this variable themselves.
    sqs = boto3.client("sqs", endpoint_url=os.environ["AWS_ENDPOINT_URL_SQS"])
    protocol = sqs.meta.service_model.metadata["protocol"]
    client = f"boto3 {boto3.__version__} (botocore {botocore.__version__}, protocol {protocol})"
    return scenario.run(sqs, client, {**scenario.STEPS, "errors": errors})


if __name__ == "__main__":
    sys.exit(main())
