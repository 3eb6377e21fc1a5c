"""A bootstrap for provided.al2023, as AWS documents them, with the standard library alone.

Its handler fails at random, as QUAYSIDE_TEST_* say: messages, whole batches, by an exception, a timeout, a
crash, and at the start. What it has handled it appends to the file QUAYSIDE_TEST_HANDLED.
"""

import http.client
import json
import os
import random
import sys
import time

BASE = "/2018-06-01/runtime/"


def rate(name):
    return float(os.environ.get("QUAYSIDE_TEST_" + name, "0"))


def handle(event, deadline):
    what = random.random()
    if what < rate("CRASH"):
        os._exit(3)
    what -= rate("CRASH")
    if what < rate("TIMEOUT"):
        time.sleep(3600)
    what -= rate("TIMEOUT")
    if what < rate("ERROR"):
        raise ValueError("this batch is not to my taste")
    failed, handled = [], []
    for record in event["Records"]:
        if record["eventSource"] != "aws:sqs" or time.time() > deadline:
            raise RuntimeError("not an event of SQS, or too late")
        if random.random() < rate("FAIL"):
            failed.append({"itemIdentifier": record["messageId"]})
        else:
            handled.append(record["body"])
    with open(os.environ["QUAYSIDE_TEST_HANDLED"], "a") as f:
        f.write("".join(body + "\n" for body in handled))
    if random.random() < rate("CRASH"):
        os._exit(4)  # after the work, before the response
    return {"batchItemFailures": failed}


def post(api, path, value):
    api.request("POST", BASE + path, json.dumps(value), {"Content-Type": "application/json"})
    reply = api.getresponse()
    reply.read()
    if reply.status != 202:
        sys.exit("POST %s: status %d" % (path, reply.status))


def main():
    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    if random.random() < rate("START"):
        post(api, "init/error", {"errorMessage": "not today", "errorType": "StartError"})
        sys.exit(1)
    while True:
        api.request("GET", BASE + "invocation/next")
        reply = api.getresponse()
        event = json.load(reply)
        request = reply.getheader("Lambda-Runtime-Aws-Request-Id")
        deadline = int(reply.getheader("Lambda-Runtime-Deadline-Ms")) / 1000
        try:
            response = handle(event, deadline)
        except Exception as e:
            post(api, "invocation/%s/error" % request, {"errorMessage": str(e), "errorType": type(e).__name__})
        else:
            post(api, "invocation/%s/response" % request, response)


main()
