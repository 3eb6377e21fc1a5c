// Standard queues: send, receive, wait, hide.
"use strict";

const assert = require("node:assert/strict");
const { setTimeout: sleep } = require("node:timers/promises");
const {
  ChangeMessageVisibilityBatchCommand, ChangeMessageVisibilityCommand, CreateQueueCommand, ReceiveMessageCommand,
  SendMessageBatchCommand, SendMessageCommand,
} = require("@aws-sdk/client-sqs");
const check = require("./check");

const create = async (sqs, QueueName, Attributes) =>
  (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl;

const everything = {
  MessageBody: check.body,
  MessageAttributes: check.attributes,
  MessageSystemAttributes: check.systemAttributes,
};

exports.send = async (sqs, prefix) => {
  const QueueUrl = await create(sqs, prefix + "send");
  const sent = await sqs.send(new SendMessageCommand({ QueueUrl, ...everything }));
  assert.equal(sent.MD5OfMessageBody, check.bodyMD5);
  assert.equal(sent.MD5OfMessageAttributes, check.attributesMD5);
  assert.equal(sent.MD5OfMessageSystemAttributes, check.traceMD5);
  assert.match(sent.MessageId, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  const plain = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "plain" }));
  assert.equal(plain.MD5OfMessageAttributes, undefined);
  assert.equal(plain.MD5OfMessageSystemAttributes, undefined);
  assert.equal(plain.SequenceNumber, undefined);
};

exports.batch = async (sqs, prefix) => {
  const QueueUrl = await create(sqs, prefix + "batch");
  const Entries = Array.from({ length: 10 }, (_, i) => ({ Id: `id-${i}`, MessageBody: `body ${i}` }));
  Entries[3].MessageAttributes = check.attributes;
  const all = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  assert.deepEqual(all.Successful.map((e) => e.Id), Entries.map((e) => e.Id));
  assert.equal(all.Failed?.length ?? 0, 0);
  const md5s = all.Successful.map((e) => e.MD5OfMessageAttributes);
  assert.deepEqual(md5s, Entries.map((_, i) => (i === 3 ? check.attributesMD5 : undefined)));

  const three = [["first", "a"], ["bad", check.forbidden], ["last", "b"]];
  const mixed = three.map(([Id, MessageBody]) => ({ Id, MessageBody }));
  const some = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: mixed }));
  assert.deepEqual(some.Successful.map((e) => e.Id), ["first", "last"]);
  assert.deepEqual(some.Failed.map((e) => [e.Id, e.Code, e.SenderFault]), [["bad", "InvalidMessageContents", true]]);

  const bodies = [];
  for (;;) {
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    if (!Messages) break;
    bodies.push(...Messages.map((m) => m.Body));
  }
  assert.deepEqual(bodies.sort(), ["a", "b", ...Entries.map((e) => e.MessageBody)]);
};

exports.receive = async (sqs, prefix) => {
  const QueueUrl = await create(sqs, prefix + "receive", { VisibilityTimeout: "0" });
  const receive = async (how) => (await sqs.send(new ReceiveMessageCommand({ QueueUrl, ...how }))).Messages;
  assert.equal(await receive(), undefined);
  const sent = await sqs.send(new SendMessageCommand({ QueueUrl, ...everything }));
  const [m] = await receive({ MessageSystemAttributeNames: ["All"], MessageAttributeNames: ["All"] });
  assert.equal(m.Body, check.body);
  assert.equal(m.MD5OfBody, check.bodyMD5);
  assert.equal(m.MessageId, sent.MessageId);
  assert.deepEqual(m.MessageAttributes, check.attributes);
  assert.equal(m.MD5OfMessageAttributes, check.attributesMD5);
  assert.equal(m.Attributes.ApproximateReceiveCount, "1");
  assert.equal(m.Attributes.AWSTraceHeader, check.trace);
  assert.ok(Math.abs(Number(m.Attributes.SentTimestamp) - Date.now()) < 300_000, m.Attributes.SentTimestamp);
  assert.ok(m.Attributes.SenderId);
  assert.ok(m.Attributes.ApproximateFirstReceiveTimestamp);

  const [part] = await receive({ MessageSystemAttributeNames: ["SentTimestamp"], MessageAttributeNames: ["pop.*"] });
  assert.deepEqual(Object.keys(part.Attributes), ["SentTimestamp"]);
  assert.deepEqual(Object.keys(part.MessageAttributes), ["population"]);
  assert.equal(part.MD5OfMessageAttributes, check.populationMD5);
  const [plain] = await receive();
  for (const absent of ["Attributes", "MessageAttributes", "MD5OfMessageAttributes"]) {
    assert.equal(plain[absent], undefined, absent);
  }
};

exports.longpoll = async (sqs, prefix) => {
  const QueueUrl = await create(sqs, prefix + "longpoll");
  const wait = async (WaitTimeSeconds) => {
    const start = performance.now();
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds }));
    return { bodies: (Messages ?? []).map((m) => m.Body), took: (performance.now() - start) / 1000 };
  };
  const empty = await wait(1);
  assert.deepEqual(empty.bodies, []);
  assert.ok(empty.took >= 1, `waited ${empty.took} s`);

  const waiting = wait(20);
  await sleep(300);
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "awake" }));
  const woken = await waiting;
  assert.deepEqual(woken.bodies, ["awake"]);
  assert.ok(woken.took < 18, `woken after ${woken.took} s`);
};

exports.visibility = async (sqs, prefix) => {
  const QueueUrl = await create(sqs, prefix + "visibility");
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "seen" }));
  const receive = async (how) => {
    const names = { MessageSystemAttributeNames: ["ApproximateReceiveCount"] };
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, ...names, ...how }));
    return (Messages ?? []).map((m) => [m.Attributes.ApproximateReceiveCount, m.ReceiptHandle]);
  };
  const [[once, handle]] = await receive();
  assert.equal(once, "1");
  assert.deepEqual(await receive(), []);
  await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: handle, VisibilityTimeout: 0 }));
  const [[twice]] = await receive({ VisibilityTimeout: 0 });
  assert.equal(twice, "2");
  const [[thrice, last]] = await receive();
  assert.equal(thrice, "3");

  const entries = [["good", last], ["bad", "no-handle"]];
  const Entries = entries.map(([Id, ReceiptHandle]) => ({ Id, ReceiptHandle, VisibilityTimeout: 0 }));
  const reply = await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
  assert.deepEqual(reply.Successful.map((e) => e.Id), ["good"]);
  assert.deepEqual(reply.Failed.map((e) => [e.Id, e.Code, e.SenderFault]), [["bad", "ReceiptHandleIsInvalid", true]]);
  const [[fourth]] = await receive();
  assert.equal(fourth, "4");
};
