// Consumers that meet with something.
"use strict";

const assert = require("node:assert/strict");
const { once } = require("node:events");
const { setTimeout: sleep } = require("node:timers/promises");
const { SendMessageCommand } = require("@aws-sdk/client-sqs");

// A handler that throws: the message comes back at once.
exports.failure = async (queues) => {
  const url = await queues.create("failure", 1);
  const counts = [];
  const errors = [];
  const consumer = queues.consumer(url, {
    messageSystemAttributeNames: ["ApproximateReceiveCount"],
    terminateVisibilityTimeout: true,
    handleMessage: async (m) => {
      counts.push(m.Attributes.ApproximateReceiveCount);
      if (counts.length < 3) throw new Error("not yet");
      return m;
    },
  });
  consumer.on("processing_error", (e) => errors.push(e.message));
  await queues.until(consumer, "message_processed");
  assert.deepEqual(counts, ["1", "2", "3"]);
  assert.equal(errors.length, 2);
  assert.deepEqual(await queues.counts(url), [0, 0]);
};

// A handler that takes too long: the message stays, hidden.
exports.timeout = async (queues) => {
  const url = await queues.create("timeout", 1);
  const consumer = queues.consumer(url, { handleMessageTimeout: 50, handleMessage: () => new Promise(() => {}) });
  const [, message] = await queues.until(consumer, "timeout_error");
  assert.equal(message.Body, "0");
  assert.deepEqual(await queues.counts(url), [0, 1]);
};

// A consumer that hangs up while it waits gets nothing that is sent afterwards.
exports.abort = async (queues) => {
  const url = await queues.create("abort", 0);
  const consumer = queues.consumer(url, { handleMessage: async (m) => m });
  consumer.on("error", () => {}); // of the aborted request
  consumer.start();
  await sleep(300); // it is waiting, for twenty seconds
  const stopped = once(consumer, "stopped");
  consumer.stop({ abort: true });
  await stopped;
  await sleep(250); // for the server to see it
  await queues.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "later" }));
  const [m] = await queues.receive(url);
  assert.equal(m.Body, "later");
  assert.equal(m.Attributes.ApproximateReceiveCount, "1");
};

// A queue that is not there is told as an error, and the consumer goes on.
exports.missing = async (queues) => {
  const url = await queues.create("missing", 0);
  const consumer = queues.consumer(url + "-not", { handleMessage: async (m) => m, authenticationErrorTimeout: 20 });
  const [error] = await queues.until(consumer, "error", 2);
  assert.equal(error.code, "QueueDoesNotExist");
  assert.equal(error.statusCode, 400);
};
