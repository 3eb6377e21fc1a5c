// Runs the scenario of ../../README.md through sqs-consumer.
"use strict";

const { SQSClient } = require("@aws-sdk/client-sqs");
const { dependencies } = require("../package.json"); // which are exact
const { run } = require("../scenario");
const { Queues } = require("./queues");
const steps = { ...require("./handlers"), ...require("./trouble") };

async function main() {
  const sqs = new SQSClient({});
  const queues = new Queues(sqs, process.env.QUAYSIDE_PREFIX);
  await run(`sqs-consumer ${dependencies["sqs-consumer"]} (Node ${process.version})`, {
    each: () => steps.each(queues),
    batch: () => steps.batch(queues),
    heartbeat: () => steps.heartbeat(queues),
    failure: () => steps.failure(queues),
    timeout: () => steps.timeout(queues),
    abort: () => steps.abort(queues),
    missing: () => steps.missing(queues),
    delete: () => queues.delete(),
  });
  sqs.destroy();
}

main();
