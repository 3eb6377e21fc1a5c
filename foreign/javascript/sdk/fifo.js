// FIFO queues: order, groups, deduplication.
"use strict";

const assert = require("node:assert/strict");
const {
  CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SendMessageBatchCommand, SendMessageCommand,
} = require("@aws-sdk/client-sqs");

const sha256Of1 = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b";

const assertRising = (numbers) => {
  numbers = numbers.map(BigInt); // they do not fit a double
  for (let i = 1; i < numbers.length; i++) assert.ok(numbers[i - 1] < numbers[i], numbers.join(", "));
};

exports.fifo = async (sqs, prefix) => {
  const Attributes = { FifoQueue: "true", ContentBasedDeduplication: "true" };
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: prefix + "fifo.fifo", Attributes }));
  const send = (MessageGroupId, MessageBody, MessageDeduplicationId) =>
    sqs.send(new SendMessageCommand({ QueueUrl, MessageGroupId, MessageBody, MessageDeduplicationId }));
  const receive = async (MaxNumberOfMessages) => {
    const names = { MessageSystemAttributeNames: ["All"] };
    return (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages, ...names }))).Messages ?? [];
  };
  const bodies = (messages) => messages.map((m) => m.Body);

  const sent = [];
  for (const [group, body, id] of [["g1", "1"], ["g1", "2"], ["g1", "3"], ["g2", "x"], ["g2", "y", "once"]]) {
    sent.push(await send(group, body, id));
  }
  assertRising(sent.map((s) => s.SequenceNumber));
  const byContent = await send("g1", "1");
  assert.equal(byContent.MessageId, sent[0].MessageId);
  assert.equal(byContent.SequenceNumber, sent[0].SequenceNumber);
  assert.equal((await send("g2", "z", "once")).MessageId, sent[4].MessageId);

  const [first] = await receive(1);
  assert.equal(first.Body, "1");
  assert.equal(first.Attributes.MessageGroupId, "g1");
  assert.equal(first.Attributes.MessageDeduplicationId, sha256Of1);
  assert.equal(first.Attributes.SequenceNumber, sent[0].SequenceNumber);
  const others = await receive(10);
  assert.deepEqual(bodies(others), ["x", "y"]);
  assert.equal(others[1].Attributes.MessageDeduplicationId, "once");
  assert.deepEqual(await receive(10), []);
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first.ReceiptHandle }));
  assert.deepEqual(bodies(await receive(10)), ["2", "3"]);

  const Entries = ["a", "b", "c"].map((Id) => ({ Id, MessageBody: Id, MessageGroupId: "g3" }));
  const { Successful } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  assert.equal(Successful.length, 3);
  assertRising(Successful.map((e) => e.SequenceNumber));
  assert.deepEqual(bodies(await receive(10)), ["a", "b", "c"]);
};
