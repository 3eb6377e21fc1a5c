// What a step compares with.
"use strict";

const assert = require("node:assert/strict");

// Every character that SQS allows and that some codec mangles.
exports.body =
  " snow \u2603 \u{1f389} \"quoted\" 'single' back\\slash\r\n\tcr\ralone " +
  '<b a="1">&amp; markup</b> ]]> \x7f \x85 \u2028 \ufffd end\n';
exports.bodyMD5 = "e92b45721f8677b9a93f02f3bd42d864";

// The attributes of SQS's worked example, and their MD5.
exports.attributes = {
  city: { DataType: "String", StringValue: "Any City" },
  logo: { DataType: "Binary.png", BinaryValue: Uint8Array.of(0x89, 0x50) },
  population: { DataType: "Number.int", StringValue: "1250800" },
};
exports.attributesMD5 = "455c2442c2146192d9523d261d2c4ede";
exports.populationMD5 = "67ce8f99d78dd5ddbe20a247f2f98c12"; // of population alone

exports.trace = "Root=1-5759e988-bd862e3fe1be46a994272793";
exports.traceMD5 = "62a56dd927315f2b2e12832b84617ea5";
exports.systemAttributes = { AWSTraceHeader: { DataType: "String", StringValue: exports.trace } };

exports.forbidden = "bell \x07"; // a body that SQS refuses

// error is what the promise is rejected with.
exports.error = async (promise) => {
  const [result] = await Promise.allSettled([promise]);
  assert.equal(result.status, "rejected", "a call that must fail did not");
  return result.reason;
};
