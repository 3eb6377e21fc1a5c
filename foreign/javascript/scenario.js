// Runs steps and prints `client <description>`, then `ok <step>` or `FAIL <step>: <why>` for each.
"use strict";

exports.run = async (client, steps) => {
  console.log(`client ${client}`);
  for (const [name, step] of Object.entries(steps)) {
    try {
      await step();
      console.log(`ok ${name}`);
    } catch (e) {
      process.exitCode = 1;
      console.log(`FAIL ${name}: ${e.stack ?? e}`.replaceAll(/\s+/g, " "));
    }
  }
};
