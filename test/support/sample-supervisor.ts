import { appendFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { holdCredentials } from "../../src-core/areas/operations/held-credentials.ts";
import { createQuestionBoard } from "../../src-core/areas/operations/question-board.ts";
import type { Task } from "../../src-core/areas/operations/run-operation.ts";
import { runSupervisorLoop } from "../../src-core/areas/operations/supervisor-loop.ts";
import { AppError } from "../../src-core/contract/errors.ts";
import type { OperationContext } from "../../src-core/contract/operation.ts";
import { environmentFor } from "../../src-core/foundation/exec/caller/caller-environment.ts";
import { runJob } from "../../src-core/foundation/exec/run-job.ts";
import type { App } from "../../src-core/wiring/app.ts";
import type { Channel } from "../../src-core/wiring/host/channel.ts";
import { createHost } from "../../src-core/wiring/host/host.ts";
import { credentialChannels } from "../../src-core/wiring/supervisor/credentials.ts";
import { questionChannels } from "../../src-core/wiring/supervisor/questions.ts";
import { listenForFaces } from "../../src-core/wiring/supervisor/socket.ts";
import { bareCore } from "./bare-core.ts";

/** A real supervisor process with operations for tests: count, fail, wait, die, job, and one that answers with its environment. */

const projectDir = path.resolve(process.argv[process.argv.indexOf("--project") + 1] ?? "");
const core = bareCore(projectDir);

interface SampleInput {
  /** Names that it holds while it runs. */
  readonly locks?: readonly string[];
  readonly steps?: number;
  readonly stepMs?: number;
  readonly script?: string;
}

const questions = createQuestionBoard();
const credentials = holdCredentials();

async function execute(
  { operation, input, ...hands }: Task,
  { signal, report, ask }: OperationContext,
): Promise<unknown> {
  const { steps = 5, stepMs = 10, script = "" } = input as SampleInput;
  appendFileSync(path.join(projectDir, "executed.txt"), `${operation}\n`);
  switch (operation) {
    case "test.count":
      for (let done = 1; done <= steps; done += 1) {
        report({ stage: "count", done, total: steps, unit: "steps" });
        await pause(stepMs, undefined, { signal });
      }
      return { counted: steps };
    case "test.fail":
      throw new AppError({
        code: "splits/empty-side",
        message: "Train is empty.",
        hint: "Other salt.",
        details: { rows: 0 },
      });
    case "test.ask":
      return { heard: await ask?.({ kind: "secret", name: "TOKEN", message: "Token of the remote?" }) };
    case "test.hands":
      return environmentFor(process.env, hands.caller, hands.credentials);
    case "test.die":
      process.kill(process.pid, "SIGKILL");
      return await pause(10_000);
    case "test.job": {
      const folder = path.join(projectDir, ".signalbox", "runs", "r1", "train");
      const result = await runJob(
        {
          jobId: "train",
          runId: "r1",
          kind: "train",
          folder,
          argv: ["/bin/sh", "-c", script],
          env: {},
          inputs: [],
          expectedOutputs: [],
        },
        { place: core.place, record: core.jobs.record(), signal, graceMs: 2000 },
      );
      signal.throwIfAborted();
      return { state: result.state, attempt: result.attempt, isAttached: result.isAttached };
    }
    default:
      throw new Error(`no operation ${operation}`);
  }
}

const openApp = (): App => ({ ...app, close: async () => undefined });
const app: App = {
  core,
  call: () => Promise.reject(new Error("only channels")),
  follow: () => Promise.reject(new Error("only channels")),
  execute: () => Promise.reject(new Error("only channels")),
  executeFor: execute,
  locksOf: async () => [],
  isCurrent: () => true,
  close: async () => undefined,
};
/** Gives back what it gets, until the other end says so: what a terminal's stream will be. */
const echo: Channel = async (_input, { signal, onBytes, sendBytes }) => {
  onBytes(sendBytes);
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
};

const ended = await runSupervisorLoop({
  core,
  execute,
  questions,
  credentials,
  idleMs: Number(process.env.SAMPLE_IDLE_MS ?? 1500),
  concurrency: Number(process.env.SAMPLE_CONCURRENCY ?? 1),
  locksOf: async ({ input }) => ((input as SampleInput).locks ?? []).map((name) => ({ name })),
  onBegin: () =>
    listenForFaces(
      core,
      createHost({
        build: "sample",
        openApp,
        channels: { ...questionChannels(questions), ...credentialChannels(credentials, core), "test.echo": echo },
      }),
    ),
});
appendFileSync(path.join(projectDir, "left.txt"), `${ended}\n`);
process.exit(0);
