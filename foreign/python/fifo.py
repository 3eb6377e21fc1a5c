"""FIFO queues: order, groups, deduplication."""

from check import equal, true

SHA256_OF_1 = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"


def fifo(sqs, prefix):
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true", "VisibilityTimeout": "600"}
    url = sqs.create_queue(QueueName=prefix + "fifo.fifo", Attributes=attributes)["QueueUrl"]

    def send(group, body, **arguments):
        return sqs.send_message(QueueUrl=url, MessageGroupId=group, MessageBody=body, **arguments)

    def receive(most):
        reply = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=most, AttributeNames=["All"])
        return reply.get("Messages", [])

    sent = [send("g1", "1"), send("g1", "2"), send("g1", "3"), send("g2", "x")]
    sent.append(send("g2", "y", MessageDeduplicationId="once"))
    numbers = [int(s["SequenceNumber"]) for s in sent]
    equal(numbers, sorted(set(numbers)), "sequence numbers, rising")
    same = send("g1", "1")
    equal(same["MessageId"], sent[0]["MessageId"], "id of a duplicate by content")
    equal(same["SequenceNumber"], sent[0]["SequenceNumber"], "number of a duplicate by content")
    same = send("g2", "z", MessageDeduplicationId="once")
    equal(same["MessageId"], sent[4]["MessageId"], "id of a duplicate by id")

    (first,) = receive(1)
    equal(first["Body"], "1", "first")
    equal(first["Attributes"]["MessageGroupId"], "g1", "its group")
    equal(first["Attributes"]["MessageDeduplicationId"], SHA256_OF_1, "its deduplication id")
    equal(first["Attributes"]["SequenceNumber"], sent[0]["SequenceNumber"], "its number")
    others = receive(10)
    equal([m["Body"] for m in others], ["x", "y"], "while group g1 is locked")
    equal(others[1]["Attributes"]["MessageDeduplicationId"], "once", "deduplication id of y")
    equal(receive(10), [], "while both groups are locked")
    sqs.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
    rest = receive(10)
    equal([m["Body"] for m in rest], ["2", "3"], "after the first was deleted")

    entries = [{"Id": i, "MessageBody": i, "MessageGroupId": "g3"} for i in "abc"]
    reply = sqs.send_message_batch(QueueUrl=url, Entries=entries)
    numbers = [int(e["SequenceNumber"]) for e in reply["Successful"]]
    true(len(numbers) == 3 and numbers == sorted(numbers), f"sequence numbers of a batch: {numbers}")
    equal([m["Body"] for m in receive(10)], ["a", "b", "c"], "order of a batch")
