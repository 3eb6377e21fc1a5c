// Queues, their attributes and tags, deletes and purges.
"use strict";

const assert = require("node:assert/strict");
const {
  CreateQueueCommand, DeleteMessageBatchCommand, DeleteMessageCommand, DeleteQueueCommand, GetQueueAttributesCommand,
  GetQueueUrlCommand, ListQueuesCommand, ListQueueTagsCommand, PurgeQueueCommand, ReceiveMessageCommand,
  SendMessageCommand, SetQueueAttributesCommand, TagQueueCommand, UntagQueueCommand, QueueDoesNotExist,
  QueueNameExists, PurgeQueueInProgress, paginateListQueues,
} = require("@aws-sdk/client-sqs");
const { error } = require("./check");

exports.queues = async (sqs, prefix) => {
  prefix += "queues-";
  const create = async (name, Attributes) =>
    (await sqs.send(new CreateQueueCommand({ QueueName: prefix + name, Attributes }))).QueueUrl;
  const a = await create("a");
  const b = await create("b");
  assert.equal((await sqs.send(new GetQueueUrlCommand({ QueueName: prefix + "a" }))).QueueUrl, a);
  const list = async (QueueNamePrefix) => (await sqs.send(new ListQueuesCommand({ QueueNamePrefix }))).QueueUrls;
  assert.deepEqual(await list(prefix), [a, b]);
  assert.equal(await list(prefix + "none"), undefined);
  const pages = [];
  for await (const page of paginateListQueues({ client: sqs, pageSize: 1 }, { QueueNamePrefix: prefix })) {
    pages.push(page.QueueUrls);
  }
  assert.deepEqual(pages, [[a], [b]]);
  assert.equal(await create("a", { VisibilityTimeout: "30" }), a);
  const e = await error(create("a", { VisibilityTimeout: "31" }));
  assert.ok(e instanceof QueueNameExists, `${e}`);
  assert.equal(e.Code, "QueueAlreadyExists");
};

const counts = async (sqs, QueueUrl) => {
  const names = ["", "NotVisible", "Delayed"].map((n) => "ApproximateNumberOfMessages" + n);
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: names }));
  return names.map((n) => Number(Attributes[n]));
};

exports.attributes = async (sqs, prefix) => {
  const name = prefix + "attributes";
  const create = new CreateQueueCommand({ QueueName: name, Attributes: { MessageRetentionPeriod: "60" } });
  const { QueueUrl } = await sqs.send(create);
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: "45" } }));
  const get = async (...AttributeNames) =>
    (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))).Attributes;
  const some = await get("VisibilityTimeout", "MessageRetentionPeriod");
  assert.deepEqual(some, { VisibilityTimeout: "45", MessageRetentionPeriod: "60" });
  const all = await get("All");
  assert.equal(Object.keys(all).length, 12, JSON.stringify(all));
  assert.match(all.QueueArn, new RegExp(`^arn:aws:sqs:us-east-1:[0-9]{12}:${name}$`));
  assert.ok(Math.abs(Number(all.CreatedTimestamp) - Date.now() / 1000) < 300, all.CreatedTimestamp);

  for (const DelaySeconds of [0, 0, 900]) {
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "counted", DelaySeconds }));
  }
  await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  assert.deepEqual(await counts(sqs, QueueUrl), [1, 1, 1]);
};

exports.tags = async (sqs, prefix) => {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: prefix + "tags", tags: { team: "a" } }));
  const list = async () => (await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags;
  await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { env: "dev & <test>", empty: "", team: "b" } }));
  assert.deepEqual(await list(), { env: "dev & <test>", empty: "", team: "b" });
  await sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ["env", "absent"] }));
  assert.deepEqual(await list(), { empty: "", team: "b" });
  await sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ["team", "empty"] }));
  assert.equal(await list(), undefined);
};

exports.delete = async (sqs, prefix) => {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: prefix + "delete" }));
  const send = () => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "to go" }));
  await Promise.all([send(), send(), send()]);
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  const [first, second, third] = Messages.map((m) => m.ReceiptHandle);
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first }));
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first }));
  const Entries = [["first", second], ["bad", "no-handle"], ["last", third]].map(([Id, ReceiptHandle]) => ({ Id, ReceiptHandle }));
  const reply = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  assert.deepEqual(reply.Successful.map((e) => e.Id), ["first", "last"]);
  assert.deepEqual(reply.Failed.map((e) => [e.Id, e.Code, e.SenderFault]), [["bad", "ReceiptHandleIsInvalid", true]]);
  assert.deepEqual(await counts(sqs, QueueUrl), [0, 0, 0]);

  await send();
  await sqs.send(new PurgeQueueCommand({ QueueUrl }));
  assert.deepEqual(await counts(sqs, QueueUrl), [0, 0, 0]);
  const again = await error(sqs.send(new PurgeQueueCommand({ QueueUrl })));
  assert.ok(again instanceof PurgeQueueInProgress, `${again}`);

  const list = new ListQueuesCommand({ QueueNamePrefix: prefix });
  for (const url of (await sqs.send(list)).QueueUrls) {
    await sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
  }
  assert.equal((await sqs.send(list)).QueueUrls, undefined);
  const gone = await error(sqs.send(new GetQueueUrlCommand({ QueueName: prefix + "delete" })));
  assert.ok(gone instanceof QueueDoesNotExist, `${gone}`);
};
