// Errors, by the class and the code that people branch on.
"use strict";

const assert = require("node:assert/strict");
const {
  BatchEntryIdsNotDistinct, CreateQueueCommand, DeleteMessageCommand, EmptyBatchRequest, GetQueueUrlCommand,
  InvalidAttributeName, InvalidMessageContents, QueueDoesNotExist, ReceiptHandleIsInvalid, ReceiveMessageCommand,
  SQSServiceException, SendMessageBatchCommand, SendMessageCommand, SetQueueAttributesCommand,
  TooManyEntriesInBatchRequest,
} = require("@aws-sdk/client-sqs");
const check = require("./check");

exports.errors = async (sqs, prefix) => {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: prefix + "errors" }));
  const missing = QueueUrl + "-missing";
  const twice = [{ Id: "a", MessageBody: "x" }, { Id: "a", MessageBody: "y" }];
  const eleven = Array.from({ length: 11 }, (_, i) => ({ Id: `${i}`, MessageBody: "x" }));
  const batch = (Entries) => new SendMessageBatchCommand({ QueueUrl, Entries });
  const service = "AWS.SimpleQueueService.";
  for (const [type, code, status, command] of [
    [QueueDoesNotExist, service + "NonExistentQueue", 400, new GetQueueUrlCommand({ QueueName: prefix + "missing" })],
    [QueueDoesNotExist, service + "NonExistentQueue", 400, new SendMessageCommand({ QueueUrl: missing, MessageBody: "x" })],
    [ReceiptHandleIsInvalid, "ReceiptHandleIsInvalid", 404, new DeleteMessageCommand({ QueueUrl, ReceiptHandle: "no-handle" })],
    [BatchEntryIdsNotDistinct, service + "BatchEntryIdsNotDistinct", 400, batch(twice)],
    [TooManyEntriesInBatchRequest, service + "TooManyEntriesInBatchRequest", 400, batch(eleven)],
    [EmptyBatchRequest, service + "EmptyBatchRequest", 400, batch([])],
    [InvalidMessageContents, "InvalidMessageContents", 400, new SendMessageCommand({ QueueUrl, MessageBody: check.forbidden })],
    [SQSServiceException, "InvalidParameterValue", 400, new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 11 })],
    [InvalidAttributeName, "InvalidAttributeName", 400, new SetQueueAttributesCommand({ QueueUrl, Attributes: { Colour: "red" } })],
  ]) {
    const e = await check.error(sqs.send(command));
    assert.ok(e instanceof type, `${e}, not ${type.name}`);
    assert.equal(e.Code, code);
    assert.equal(e.$metadata.httpStatusCode, status, code);
  }
};
