"""Queues, their attributes and tags, deletes and purges."""

import time

from check import code, equal, true


def queues(sqs, prefix):
    prefix += "queues-"
    a, b = (sqs.create_queue(QueueName=prefix + name)["QueueUrl"] for name in "ab")
    equal(sqs.get_queue_url(QueueName=prefix + "a")["QueueUrl"], a, "URL")
    equal(sqs.list_queues(QueueNamePrefix=prefix)["QueueUrls"], [a, b], "list")
    page = sqs.list_queues(QueueNamePrefix=prefix, MaxResults=1)
    equal(page["QueueUrls"], [a], "first page")
    page = sqs.list_queues(QueueNamePrefix=prefix, MaxResults=1, NextToken=page["NextToken"])
    equal((page["QueueUrls"], page.get("NextToken")), ([b], None), "last page")
    true("QueueUrls" not in sqs.list_queues(QueueNamePrefix=prefix + "none"), "a list of nothing is left out")
    same = sqs.create_queue(QueueName=prefix + "a", Attributes={"VisibilityTimeout": "30"})
    equal(same["QueueUrl"], a, "created again")
    different = code(sqs.create_queue, QueueName=prefix + "a", Attributes={"VisibilityTimeout": "31"})
    equal(different, "QueueAlreadyExists", "created again with another attribute")


def attributes(sqs, prefix):
    name = prefix + "attributes"
    url = sqs.create_queue(QueueName=name, Attributes={"MessageRetentionPeriod": "60"})["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "45"})
    some = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout", "MessageRetentionPeriod"])
    equal(some["Attributes"], {"VisibilityTimeout": "45", "MessageRetentionPeriod": "60"}, "two by name")
    got = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    equal(len(got), 12, f"number of attributes in {got}")
    true(got["QueueArn"].startswith("arn:aws:sqs:us-east-1:") and got["QueueArn"].endswith(":" + name), got["QueueArn"])
    true(abs(int(got["CreatedTimestamp"]) - time.time()) < 300, "created now")

    for delay in (0, 0, 900):
        sqs.send_message(QueueUrl=url, MessageBody="counted", DelaySeconds=delay)
    sqs.receive_message(QueueUrl=url)
    equal(counts(sqs, url), ["1", "1", "1"], "visible, in flight, delayed")


def counts(sqs, url):
    names = ["", "NotVisible", "Delayed"]
    names = ["ApproximateNumberOfMessages" + n for n in names]
    got = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return [got[n] for n in names]


def tags(sqs, prefix):
    url = sqs.create_queue(QueueName=prefix + "tags", tags={"team": "a"})["QueueUrl"]
    sqs.tag_queue(QueueUrl=url, Tags={"env": "dev & <test>", "empty": "", "team": "b"})
    got = sqs.list_queue_tags(QueueUrl=url)["Tags"]
    equal(got, {"team": "b", "env": "dev & <test>", "empty": ""}, "tags")
    sqs.untag_queue(QueueUrl=url, TagKeys=["env", "absent"])
    equal(sqs.list_queue_tags(QueueUrl=url)["Tags"], {"team": "b", "empty": ""}, "tags left")
    sqs.untag_queue(QueueUrl=url, TagKeys=["team", "empty"])
    true("Tags" not in sqs.list_queue_tags(QueueUrl=url), "no tags are left out")


def delete(sqs, prefix):
    url = sqs.create_queue(QueueName=prefix + "delete")["QueueUrl"]
    for _ in range(3):
        sqs.send_message(QueueUrl=url, MessageBody="to go")
    handles = [m["ReceiptHandle"] for m in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]]
    equal(len(handles), 3, "messages")
    sqs.delete_message(QueueUrl=url, ReceiptHandle=handles[0])
    sqs.delete_message(QueueUrl=url, ReceiptHandle=handles[0])
    entries = [("first", handles[1]), ("bad", "no-handle"), ("last", handles[2])]
    entries = [{"Id": i, "ReceiptHandle": h} for i, h in entries]
    reply = sqs.delete_message_batch(QueueUrl=url, Entries=entries)
    equal([e["Id"] for e in reply["Successful"]], ["first", "last"], "deleted")
    failed = [(e["Id"], e["Code"], e["SenderFault"]) for e in reply["Failed"]]
    equal(failed, [("bad", "ReceiptHandleIsInvalid", True)], "not deleted")
    equal(counts(sqs, url), ["0", "0", "0"], "counts after the deletes")

    sqs.send_message(QueueUrl=url, MessageBody="to go")
    sqs.purge_queue(QueueUrl=url)
    equal(counts(sqs, url), ["0", "0", "0"], "counts after the purge")
    again = code(sqs.purge_queue, QueueUrl=url)
    equal(again, "AWS.SimpleQueueService.PurgeQueueInProgress", "a second purge")

    for url in sqs.list_queues(QueueNamePrefix=prefix)["QueueUrls"]:
        sqs.delete_queue(QueueUrl=url)
    true("QueueUrls" not in sqs.list_queues(QueueNamePrefix=prefix), "every queue is gone")
    gone = code(sqs.get_queue_url, QueueName=prefix + "delete")
    equal(gone, "AWS.SimpleQueueService.NonExistentQueue", "URL of a deleted queue")
