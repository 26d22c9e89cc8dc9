import { createApp } from "../../src-core/wiring/app.ts";

/**
 * A separate process that runs one long operation as the supervisor would, for tests that kill it:
 * `node fault-child.ts PROJECT OPERATION INPUT`. It prints when it is ready, when a stage starts, and how it ended.
 */
const [projectDir = "", operation = "", input = "{}"] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);
const app = createApp({ projectDir, env: process.env, node: process.execPath, role: "supervisor" });
say("ready");
try {
  await app.execute(operation, JSON.parse(input), {
    signal: new AbortController().signal,
    report: ({ stage, state, message }) => say(state === undefined ? `message ${message ?? ""}` : `${state} ${stage}`),
  });
  say("done");
} catch (error) {
  say(`error ${error instanceof Error && "code" in error ? String(error.code) : ""} ${error}`);
  process.exitCode = 1;
}
await app.close();
process.exit();
