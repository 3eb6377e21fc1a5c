// Consumers whose handlers succeed.
"use strict";

const assert = require("node:assert/strict");
const { setTimeout: sleep } = require("node:timers/promises");

const twenty = Array.from({ length: 20 }, (_, i) => `${i}`).sort();

// A handler per message; what it returns is deleted.
exports.each = async (queues) => {
  const url = await queues.create("each", 20);
  const bodies = [];
  const consumer = queues.consumer(url, {
    batchSize: 10,
    handleMessage: async (m) => {
      bodies.push(m.Body);
      return m;
    },
  });
  await queues.until(consumer, "message_processed", 20);
  assert.deepEqual(bodies.sort(), twenty);
  assert.deepEqual(await queues.counts(url), [0, 0]);
};

// A handler for up to ten messages; what it returns is deleted, and one message is kept.
exports.batch = async (queues) => {
  const url = await queues.create("batch", 20);
  const bodies = [];
  const consumer = queues.consumer(url, {
    batchSize: 10,
    handleMessageBatch: async (messages) => {
      bodies.push(...messages.map((m) => m.Body));
      return messages.filter((m) => m.Body !== "7");
    },
  });
  await queues.until(consumer, "response_processed", 2);
  assert.deepEqual(bodies.sort(), twenty);
  assert.deepEqual(await queues.counts(url), [0, 1]);
};

// A handler that takes longer than the visibility timeout, which is extended meanwhile.
exports.heartbeat = async (queues) => {
  const url = await queues.create("heartbeat", 1);
  let others;
  const consumer = queues.consumer(url, {
    visibilityTimeout: 2,
    heartbeatInterval: 1,
    handleMessage: async (m) => {
      await sleep(2300);
      others = await queues.receive(url);
      return m;
    },
  });
  await queues.until(consumer, "message_processed");
  assert.deepEqual(others, []);
  assert.deepEqual(await queues.counts(url), [0, 0]);
};
