"""Dead-letter queues and the way back."""

import json
import time

from check import equal, true


def dlq(sqs, prefix):
    def arn(url):
        return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def receive(url):
        return sqs.receive_message(QueueUrl=url, AttributeNames=["All"]).get("Messages", [])

    dead = sqs.create_queue(QueueName=prefix + "dead")["QueueUrl"]
    policy = {"deadLetterTargetArn": arn(dead), "maxReceiveCount": 1}
    attributes = {"RedrivePolicy": json.dumps(policy), "VisibilityTimeout": "600"}
    source = sqs.create_queue(QueueName=prefix + "source", Attributes=attributes)["QueueUrl"]
    got = sqs.get_queue_attributes(QueueUrl=source, AttributeNames=["RedrivePolicy"])["Attributes"]["RedrivePolicy"]
    equal(json.loads(got), policy, "policy")
    equal(sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"], [source], "sources")
    true(not sqs.list_dead_letter_source_queues(QueueUrl=source).get("queueUrls"), "sources of the source")

    sent = sqs.send_message(QueueUrl=source, MessageBody="poison")
    (m,) = receive(source)
    sqs.change_message_visibility(QueueUrl=source, ReceiptHandle=m["ReceiptHandle"], VisibilityTimeout=0)
    equal(receive(source), [], "received once too often")
    (m,) = receive(dead)
    equal((m["MessageId"], m["Body"]), (sent["MessageId"], "poison"), "dead letter")
    equal(m["Attributes"]["DeadLetterQueueSourceArn"], arn(source), "where it came from")
    sqs.change_message_visibility(QueueUrl=dead, ReceiptHandle=m["ReceiptHandle"], VisibilityTimeout=0)

    true(sqs.start_message_move_task(SourceArn=arn(dead))["TaskHandle"], "task handle")
    deadline = time.monotonic() + 20
    while True:
        (task,) = sqs.list_message_move_tasks(SourceArn=arn(dead))["Results"]
        if task["Status"] == "COMPLETED":
            break
        true(task["Status"] == "RUNNING" and time.monotonic() < deadline, f"task {task}")
        time.sleep(0.1)
    equal(task["ApproximateNumberOfMessagesMoved"], 1, "moved back")
    equal([m["Body"] for m in receive(source)], ["poison"], "back in the source")
