import { statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { holdCredentials } from "../../areas/operations/held-credentials.ts";
import { createQuestionBoard } from "../../areas/operations/question-board.ts";
import { runSupervisorLoop } from "../../areas/operations/supervisor-loop.ts";
import { AppError, toAppError } from "../../contract/errors.ts";
import { type App, createApp } from "../app.ts";
import { createHost } from "../host/host.ts";
import { credentialChannels } from "../supervisor/credentials.ts";
import { questionChannels } from "../supervisor/questions.ts";
import { listenForFaces } from "../supervisor/socket.ts";

const defaultIdleMs = 30_000;
/** Each operation may use all cores for a while; beyond a few they only get into each other's way. */
const operationsAtOnce = Math.min(4, Math.max(2, Math.floor(os.availableParallelism() / 2)));

/** `supervisor --project DIR`: the project's supervisor, started detached by the first face that needs one. */
async function main(argv: string[], env: NodeJS.ProcessEnv): Promise<void> {
  // A terminal that closes is no reason to stop: the process is detached from all of them.
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);
  const { values } = parseArgs({ args: argv, options: { project: { type: "string" } } });
  if (values.project === undefined) throw new Error("supervisor: --project DIR is missing");
  const questions = createQuestionBoard();
  const credentials = holdCredentials();
  const node = process.execPath;
  const app = createApp({ projectDir: path.resolve(values.project), env, node, role: "supervisor", questions });
  const asked = Number(env.SIGNALBOX_SUPERVISOR_IDLE_MS);
  const program = programStamp();
  await runSupervisorLoop({
    core: app.core,
    execute: app.executeFor,
    idleMs: asked > 0 ? asked : defaultIdleMs,
    concurrency: operationsAtOnce,
    locksOf: ({ operation, input }) => app.locksOf(operation, input),
    questions,
    credentials,
    isProgramCurrent: () => programStamp() === program,
    onBegin: () => {
      const channels = { ...questionChannels(questions), ...credentialChannels(credentials, app.core) };
      return listen(app, { build: program, channels });
    },
  });
  await app.close();
}

type Host = Parameters<typeof createHost>[0];

/** Without a socket operations run all the same: only what is never stored has no way then. */
async function listen(
  app: App,
  { build, channels = {} }: Pick<Host, "build" | "channels">,
): Promise<() => Promise<void>> {
  const { projectDir } = app.core;
  const openApp = (folder: string): App => {
    if (path.resolve(folder) === projectDir) return { ...app, close: async () => undefined };
    throw new AppError({
      code: "projects/not-found",
      message: `This is the supervisor of ${projectDir}, not of ${folder}.`,
    });
  };
  try {
    return await listenForFaces(app.core, createHost({ build, openApp, channels }));
  } catch (error) {
    process.stderr.write(`No socket: ${toAppError(error).message}\n`);
    return async () => undefined;
  }
}

/** What identifies this program's file: a build swaps it, an update replaces it. */
function programStamp(): string {
  const found = statSync(process.argv[1] ?? "", { throwIfNoEntry: false });
  return found === undefined ? "gone" : `${found.ino}:${found.mtimeMs}`;
}

await main(process.argv.slice(2), process.env);
// What an operation left open (sockets, workers) must not keep an idle supervisor alive.
process.exit(0);
