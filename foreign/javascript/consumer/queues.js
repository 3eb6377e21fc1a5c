// The queues of a step and the consumers that run on them.
"use strict";

const assert = require("node:assert/strict");
const { once } = require("node:events");
const {
  CreateQueueCommand, DeleteQueueCommand, GetQueueAttributesCommand, ListQueuesCommand, ReceiveMessageCommand,
  SendMessageBatchCommand,
} = require("@aws-sdk/client-sqs");
const { Consumer } = require("sqs-consumer");

exports.Queues = class {
  constructor(sqs, prefix) {
    this.sqs = sqs;
    this.prefix = prefix;
  }

  // create makes a queue with as many messages, of the bodies 0, 1, ..., and returns its URL.
  async create(name, messages) {
    const { QueueUrl } = await this.sqs.send(new CreateQueueCommand({ QueueName: this.prefix + name }));
    const all = Array.from({ length: messages }, (_, i) => ({ Id: `${i}`, MessageBody: `${i}` }));
    for (let i = 0; i < messages; i += 10) {
      await this.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: all.slice(i, i + 10) }));
    }
    return QueueUrl;
  }

  // consumer makes a consumer. What goes wrong in it, and has no listener, makes until fail.
  consumer(queueUrl, options) {
    return Consumer.create({ sqs: this.sqs, queueUrl, ...options });
  }

  // until runs the consumer until it emitted the event so many times.
  async until(consumer, event, times = 1) {
    const signal = AbortSignal.timeout(30_000);
    const seen = new Promise((resolve, reject) => {
      let count = 0;
      consumer.on(event, (...args) => ++count === times && resolve(args));
      for (const trouble of ["error", "processing_error", "timeout_error"]) {
        if (consumer.listenerCount(trouble) === 0) consumer.on(trouble, reject);
      }
      signal.onabort = () => reject(new Error(`${count} of ${times} times ${event}`));
    });
    consumer.start();
    try {
      return await seen;
    } finally {
      const stopped = once(consumer, "stopped");
      consumer.stop({ abort: true });
      await stopped;
    }
  }

  // counts are the numbers of messages visible and in flight.
  async counts(QueueUrl) {
    const AttributeNames = ["", "NotVisible"].map((n) => "ApproximateNumberOfMessages" + n);
    const { Attributes } = await this.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
    return AttributeNames.map((n) => Number(Attributes[n]));
  }

  async receive(QueueUrl) {
    const names = { MessageSystemAttributeNames: ["ApproximateReceiveCount"] };
    return (await this.sqs.send(new ReceiveMessageCommand({ QueueUrl, ...names }))).Messages ?? [];
  }

  async delete() {
    const list = new ListQueuesCommand({ QueueNamePrefix: this.prefix });
    for (const QueueUrl of (await this.sqs.send(list)).QueueUrls) {
      await this.sqs.send(new DeleteQueueCommand({ QueueUrl }));
    }
    assert.equal((await this.sqs.send(list)).QueueUrls, undefined);
  }
};
