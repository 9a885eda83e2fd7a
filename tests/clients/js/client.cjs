"use strict";
// Tells who the SDK for JavaScript is, once for each line of standard input: {"env", "cwd", "gone", "words"}
// is answered by {"code", "out", "err"}. One process, since node takes a while to start.
//
// Without words the client finds credentials by itself, as programs do; with "ini" it has those of the
// profile from `fromIni` alone. What the SDK logs is in "err".

const fs = require("node:fs");
const readline = require("node:readline");
const util = require("node:util");
const { GetCallerIdentityCommand, STSClient } = require("@aws-sdk/client-sts");
const { fromIni } = require("@aws-sdk/credential-provider-ini");
const { loadSharedConfigFiles } = require("@smithy/shared-ini-file-loader");

async function answer({ env, cwd, gone, words }) {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  await loadSharedConfigFiles({ ignoreCache: true }); // it keeps what it read, here that of another home
  process.chdir(cwd);
  if (gone) fs.rmdirSync(cwd);
  const said = [];
  const say = (...values) => said.push(util.format(...values));
  const logger = { trace: say, debug: say, info: say, warn: say, error: say };
  const client = new STSClient(words.includes("ini") ? { credentials: fromIni() } : { logger });
  try {
    const { Arn } = await client.send(new GetCallerIdentityCommand({}));
    return { code: 0, out: Arn, err: said.join("\n") };
  } catch (failure) {
    return { code: 1, out: "", err: [...said, failure].join("\n") };
  } finally {
    client.destroy();
    process.chdir("/");
  }
}

// What the SDK asks for ahead of time, for credentials that end soon, nobody may wait for: where that is
// refused, node would end. Who asks next is told.
process.on("unhandledRejection", (why) => process.stderr.write(`not waited for: ${why}\n`));

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
  }
})();
