// Dead-letter queues and the way back.
"use strict";

const assert = require("node:assert/strict");
const { setTimeout: sleep } = require("node:timers/promises");
const {
  ChangeMessageVisibilityCommand, CreateQueueCommand, GetQueueAttributesCommand, ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand, ReceiveMessageCommand, SendMessageCommand, StartMessageMoveTaskCommand,
} = require("@aws-sdk/client-sqs");

exports.dlq = async (sqs, prefix) => {
  const create = async (name, Attributes) =>
    (await sqs.send(new CreateQueueCommand({ QueueName: prefix + name, Attributes }))).QueueUrl;
  const attribute = async (QueueUrl, name) =>
    (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [name] }))).Attributes[name];
  const receive = async (QueueUrl) =>
    (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MessageSystemAttributeNames: ["All"] }))).Messages ?? [];
  const release = (QueueUrl, { ReceiptHandle }) =>
    sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
  const sources = async (QueueUrl) => (await sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl }))).queueUrls;

  const dead = await create("dead");
  const SourceArn = await attribute(dead, "QueueArn");
  const policy = { deadLetterTargetArn: SourceArn, maxReceiveCount: 1 };
  const source = await create("source", { RedrivePolicy: JSON.stringify(policy) });
  assert.deepEqual(JSON.parse(await attribute(source, "RedrivePolicy")), policy);
  assert.deepEqual(await sources(dead), [source]);
  assert.equal((await sources(source))?.length ?? 0, 0);

  const sent = await sqs.send(new SendMessageCommand({ QueueUrl: source, MessageBody: "poison" }));
  const [poison] = await receive(source);
  await release(source, poison);
  assert.deepEqual(await receive(source), []);
  const [letter] = await receive(dead);
  assert.equal(letter.MessageId, sent.MessageId);
  assert.equal(letter.Body, "poison");
  assert.equal(letter.Attributes.DeadLetterQueueSourceArn, await attribute(source, "QueueArn"));
  await release(dead, letter);

  assert.ok((await sqs.send(new StartMessageMoveTaskCommand({ SourceArn }))).TaskHandle);
  const deadline = Date.now() + 20_000;
  let task;
  do {
    await sleep(50);
    [task] = (await sqs.send(new ListMessageMoveTasksCommand({ SourceArn }))).Results;
  } while (task.Status === "RUNNING" && Date.now() < deadline);
  assert.equal(task.Status, "COMPLETED");
  assert.equal(task.ApproximateNumberOfMessagesMoved, 1);
  assert.deepEqual((await receive(source)).map((m) => m.Body), ["poison"]);
};
