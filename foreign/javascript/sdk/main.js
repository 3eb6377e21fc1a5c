// Runs the scenario of ../../README.md through @aws-sdk/client-sqs.
"use strict";

const { SQSClient } = require("@aws-sdk/client-sqs");
const { dependencies } = require("../package.json"); // which are exact
const { run } = require("../scenario");
const steps = {
  ...require("./queues"),
  ...require("./messages"),
  ...require("./fifo"),
  ...require("./redrive"),
  ...require("./errors"),
};

const order = [
  "queues", "attributes", "send", "batch", "receive", "longpoll",
  "visibility", "fifo", "dlq", "tags", "errors", "delete",
];

async function main() {
  const sqs = new SQSClient({});
  const prefix = process.env.QUAYSIDE_PREFIX;
  const bound = order.map((name) => [name, () => steps[name](sqs, prefix)]);
  await run(`@aws-sdk/client-sqs ${dependencies["@aws-sdk/client-sqs"]} (Node ${process.version})`, Object.fromEntries(bound));
  sqs.destroy();
}

main();
