import { statSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { runSupervisorLoop } from "../../areas/operations/supervisor-loop.ts";
import { createApp } from "../app.ts";
import { operationsNeeds } from "../operations-needs.ts";

const defaultIdleMs = 30_000;

/** `supervisor --project DIR`: the project's supervisor, started detached by the first face that needs one. */
async function main(argv: string[], env: NodeJS.ProcessEnv): Promise<void> {
  // A terminal that closes is no reason to stop: the process is detached from all of them.
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);
  const { values } = parseArgs({ args: argv, options: { project: { type: "string" } } });
  if (values.project === undefined) throw new Error("supervisor: --project DIR is missing");
  const app = createApp({ projectDir: path.resolve(values.project), env, node: process.execPath, role: "supervisor" });
  const asked = Number(env.SIGNALBOX_SUPERVISOR_IDLE_MS);
  await runSupervisorLoop({
    core: app.core,
    execute: app.execute,
    needs: operationsNeeds(app.core),
    idleMs: asked > 0 ? asked : defaultIdleMs,
    isProgramCurrent: programWatch(),
  });
  await app.close();
}

/** Tells whether this program's file is still the one that was started: a build swaps it, an update replaces it. */
function programWatch(): () => boolean {
  const file = process.argv[1] ?? "";
  const stamp = () => {
    const found = statSync(file, { throwIfNoEntry: false });
    return found === undefined ? "gone" : `${found.ino}:${found.mtimeMs}`;
  };
  const started = stamp();
  return () => stamp() === started;
}

await main(process.argv.slice(2), process.env);
// What an operation left open (sockets, workers) must not keep an idle supervisor alive.
process.exit(0);
