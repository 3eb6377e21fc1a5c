"""Standard queues: send, receive, wait, hide."""

import re
import threading
import time

import check
from check import equal, true


def send(sqs, prefix):
    url = sqs.create_queue(QueueName=prefix + "send")["QueueUrl"]
    sent = sqs.send_message(
        QueueUrl=url,
        MessageBody=check.BODY,
        MessageAttributes=check.ATTRIBUTES,
        MessageSystemAttributes={"AWSTraceHeader": {"DataType": "String", "StringValue": check.TRACE}},
    )
    equal(sent["MD5OfMessageBody"], check.BODY_MD5, "MD5 of the body")
    equal(sent["MD5OfMessageAttributes"], check.ATTRIBUTES_MD5, "MD5 of the attributes")
    equal(sent["MD5OfMessageSystemAttributes"], check.TRACE_MD5, "MD5 of the system attributes")
    true(re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", sent["MessageId"]), sent["MessageId"])
    plain = sqs.send_message(QueueUrl=url, MessageBody="plain")
    for absent in ("MD5OfMessageAttributes", "MD5OfMessageSystemAttributes", "SequenceNumber"):
        true(absent not in plain, absent + " of a plain message")


def batch(sqs, prefix):
    url = sqs.create_queue(QueueName=prefix + "batch")["QueueUrl"]
    entries = [{"Id": f"id-{i}", "MessageBody": f"body {i}"} for i in range(10)]
    entries[3]["MessageAttributes"] = check.ATTRIBUTES
    reply = sqs.send_message_batch(QueueUrl=url, Entries=entries)
    equal([e["Id"] for e in reply["Successful"]], [e["Id"] for e in entries], "sent")
    true(not reply.get("Failed"), "failed")
    md5s = {e["Id"]: e["MD5OfMessageAttributes"] for e in reply["Successful"] if "MD5OfMessageAttributes" in e}
    equal(md5s, {"id-3": check.ATTRIBUTES_MD5}, "MD5s of attributes")

    entries = [("first", "a"), ("bad", check.FORBIDDEN), ("last", "b")]
    entries = [{"Id": i, "MessageBody": body} for i, body in entries]
    reply = sqs.send_message_batch(QueueUrl=url, Entries=entries)
    equal([e["Id"] for e in reply["Successful"]], ["first", "last"], "sent")
    failed = [(e["Id"], e["Code"], e["SenderFault"]) for e in reply["Failed"]]
    equal(failed, [("bad", "InvalidMessageContents", True)], "failed")

    bodies = set()
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        bodies.update(m["Body"] for m in messages)
    equal(bodies, {"a", "b"} | {f"body {i}" for i in range(10)}, "bodies")


def receive(sqs, prefix):
    url = sqs.create_queue(QueueName=prefix + "receive", Attributes={"VisibilityTimeout": "0"})["QueueUrl"]
    true("Messages" not in sqs.receive_message(QueueUrl=url), "no messages are left out")
    trace = {"AWSTraceHeader": {"DataType": "String", "StringValue": check.TRACE}}
    sent = sqs.send_message(
        QueueUrl=url, MessageBody=check.BODY, MessageAttributes=check.ATTRIBUTES, MessageSystemAttributes=trace
    )
    (m,) = sqs.receive_message(QueueUrl=url, AttributeNames=["All"], MessageAttributeNames=["All"])["Messages"]
    equal(m["Body"], check.BODY, "body")
    equal(m["MD5OfBody"], check.BODY_MD5, "MD5 of the body")
    equal(m["MessageId"], sent["MessageId"], "id")
    equal(m["MessageAttributes"], check.ATTRIBUTES, "attributes")
    equal(m["MD5OfMessageAttributes"], check.ATTRIBUTES_MD5, "MD5 of the attributes")
    system = m["Attributes"]
    equal(system["ApproximateReceiveCount"], "1", "receive count")
    equal(system["AWSTraceHeader"], check.TRACE, "trace header")
    true(abs(int(system["SentTimestamp"]) / 1000 - time.time()) < 300, "sent now, in milliseconds")
    for name in ("SenderId", "ApproximateFirstReceiveTimestamp"):
        true(system[name], name)

    (m,) = sqs.receive_message(QueueUrl=url, AttributeNames=["SentTimestamp"], MessageAttributeNames=["pop.*"])["Messages"]
    equal(list(m["Attributes"]), ["SentTimestamp"], "system attributes by name")
    equal(list(m["MessageAttributes"]), ["population"], "attributes by prefix")
    equal(m["MD5OfMessageAttributes"], check.POPULATION_MD5, "MD5 of those returned")
    (m,) = sqs.receive_message(QueueUrl=url)["Messages"]
    for absent in ("Attributes", "MessageAttributes", "MD5OfMessageAttributes"):
        true(absent not in m, absent + " not asked for")


def longpoll(sqs, prefix):
    url = sqs.create_queue(QueueName=prefix + "longpoll")["QueueUrl"]
    start = time.monotonic()
    reply = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)
    true(time.monotonic() - start >= 1, "waits a second")
    true("Messages" not in reply, "nothing to receive")

    timer = threading.Timer(0.3, sqs.send_message, kwargs={"QueueUrl": url, "MessageBody": "awake"})
    start = time.monotonic()
    timer.start()
    reply = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)
    took = time.monotonic() - start
    timer.join()
    equal([m["Body"] for m in reply.get("Messages", [])], ["awake"], "what woke it")
    true(took < 18, f"woken by the send, after {took} s")


def visibility(sqs, prefix):
    slow = {"VisibilityTimeout": "600"}  # enough for a client that takes a second per call
    url = sqs.create_queue(QueueName=prefix + "visibility", Attributes=slow)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="seen")

    def receive(**arguments):
        reply = sqs.receive_message(QueueUrl=url, AttributeNames=["ApproximateReceiveCount"], **arguments)
        return [(m["Attributes"]["ApproximateReceiveCount"], m["ReceiptHandle"]) for m in reply.get("Messages", [])]

    ((count, handle),) = receive()
    equal(count, "1", "receive count")
    equal(receive(), [], "hidden")
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
    ((count, _),) = receive(VisibilityTimeout=0)
    equal(count, "2", "receive count after a change to 0")
    ((count, handle),) = receive()
    equal(count, "3", "receive count after a receive with 0")

    entries = [{"Id": "good", "ReceiptHandle": handle}, {"Id": "bad", "ReceiptHandle": "no-handle"}]
    entries = [{"VisibilityTimeout": 0, **e} for e in entries]
    reply = sqs.change_message_visibility_batch(QueueUrl=url, Entries=entries)
    equal([e["Id"] for e in reply["Successful"]], ["good"], "changed")
    failed = [(e["Id"], e["Code"], e["SenderFault"]) for e in reply["Failed"]]
    equal(failed, [("bad", "ReceiptHandleIsInvalid", True)], "not changed")
    ((count, _),) = receive()
    equal(count, "4", "receive count after the batch")
