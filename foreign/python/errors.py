"""Errors, by the code that people branch on."""

import check
from check import code, equal


def errors(sqs, prefix):
    url = sqs.create_queue(QueueName=prefix + "errors")["QueueUrl"]
    missing = url + "-missing"
    service = "AWS.SimpleQueueService."
    twice = [{"Id": "a", "MessageBody": "x"}, {"Id": "a", "MessageBody": "y"}]
    eleven = [{"Id": str(i), "MessageBody": "x"} for i in range(11)]
    for want, call, arguments in (
        (service + "NonExistentQueue", sqs.get_queue_url, {"QueueName": prefix + "missing"}),
        (service + "NonExistentQueue", sqs.send_message, {"QueueUrl": missing, "MessageBody": "x"}),
        ("ReceiptHandleIsInvalid", sqs.delete_message, {"QueueUrl": url, "ReceiptHandle": "no-handle"}),
        (service + "BatchEntryIdsNotDistinct", sqs.send_message_batch, {"QueueUrl": url, "Entries": twice}),
        (service + "TooManyEntriesInBatchRequest", sqs.send_message_batch, {"QueueUrl": url, "Entries": eleven}),
        (service + "EmptyBatchRequest", sqs.send_message_batch, {"QueueUrl": url, "Entries": []}),
        ("InvalidMessageContents", sqs.send_message, {"QueueUrl": url, "MessageBody": check.FORBIDDEN}),
        ("InvalidParameterValue", sqs.receive_message, {"QueueUrl": url, "MaxNumberOfMessages": 11}),
        ("InvalidAttributeName", sqs.set_queue_attributes, {"QueueUrl": url, "Attributes": {"Colour": "red"}}),
    ):
        equal(code(call, **arguments), want, f"{call.__name__} with {arguments}")
