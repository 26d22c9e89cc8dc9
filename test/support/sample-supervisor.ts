import { appendFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { runSupervisorLoop } from "../../src-core/areas/operations/supervisor-loop.ts";
import { AppError } from "../../src-core/contract/errors.ts";
import type { OperationContext } from "../../src-core/contract/operation.ts";
import { localExecutor } from "../../src-core/foundation/exec/local.ts";
import { runJob } from "../../src-core/foundation/exec/run-job.ts";
import { operationsNeeds } from "../../src-core/wiring/operations-needs.ts";
import { bareCore } from "./bare-core.ts";

/** A real supervisor process with operations for tests: count, fail, wait, die, job. */

const projectDir = path.resolve(process.argv[process.argv.indexOf("--project") + 1] ?? "");
const core = bareCore(projectDir);
const executor = localExecutor({ env: process.env });

interface SampleInput {
  readonly steps?: number;
  readonly stepMs?: number;
  readonly script?: string;
}

async function execute(operation: string, input: unknown, { signal, report }: OperationContext): Promise<unknown> {
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
          cwd: projectDir,
          env: {},
          inputs: [],
          expectedOutputs: [],
        },
        { executor, record: core.jobs.record(), signal, graceMs: 2000 },
      );
      signal.throwIfAborted();
      return { state: result.state, attempt: result.attempt, isAttached: result.isAttached };
    }
    default:
      throw new Error(`no operation ${operation}`);
  }
}

const needs = operationsNeeds(core, executor);
const ended = await runSupervisorLoop({ core, execute, needs, idleMs: Number(process.env.SAMPLE_IDLE_MS ?? 1500) });
appendFileSync(path.join(projectDir, "left.txt"), `${ended}\n`);
process.exit(0);
