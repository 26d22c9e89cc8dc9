import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ResultName } from "../../src-core/contract/runs/stage-results.ts";
import type { RunReport } from "../../src-core/contract/runs.ts";
import { amountOf } from "../support/amounts.ts";
import { brokenIn, expectAsUndisturbed, expectSettled } from "../support/kill-checks.ts";
import { executeIn, type Lab, makeLab, startChild } from "../support/kill-lab.ts";
import {
  allEnded,
  killAndWait,
  killOurs,
  runnersOf,
  stageStarted,
  startFace,
  supervisorIdle,
  supervisorOf,
} from "../support/kill-processes.ts";
import { startTestServer, type TestServer } from "../support/mlflow-server.ts";
import { drawn } from "../support/random.ts";

/**
 * Kills -9 at random points of a stage, from states that are prepared once. SIGNALBOX_TEST_SEED repeats a run, SIGNALBOX_FAULT_KILLS sets
 * their total number (divided as 40 : 25 : 20 : 15).
 */
const seed = Number(process.env.SIGNALBOX_TEST_SEED ?? Date.now() % 1_000_000);
const total = Number(process.env.SIGNALBOX_FAULT_KILLS ?? amountOf("kills"));
const share = (of100: number) => Math.max(1, Math.round((of100 * total) / 100));

let folder: string;
let server: TestServer;
let lanes: readonly [Lab, Lab];

beforeAll(async () => {
  console.info(`kills -9: SIGNALBOX_TEST_SEED=${seed}, ${total} kills`);
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-kills-"));
  server = await startTestServer();
  lanes = await Promise.all([makeLab(folder, server, "north", "decide"), makeLab(folder, server, "south", "decide")]);
}, 300_000);
afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("a process that is killed -9", () => {
  const cases = [
    { what: "split", stage: "split", kills: 40 },
    { what: "version", stage: "version", kills: 25 },
    { what: "upload", stage: "train", kills: 20 },
    { what: "decide", stage: "decide", kills: 15 },
  ] as const;
  for (const { what, stage, kills } of cases) {
    it(`at random points of ${what} leaves complete files, is settled by the next command, and gives the same bytes (seed ${seed})`, async () => {
      const wanted = share(kills);
      const count = await inLanes(what, wanted, (lab, round) =>
        round % 5 === 4 ? killThroughFace(lab, { what, stage, round }) : killProcess(lab, { what, stage, round }),
      );
      expect(count).toBe(wanted);
    }, 600_000);
  }

  it(`with its supervisor and the runner in the middle of a training resumes, and no process of its job survives (seed ${seed})`, async () => {
    const wanted = share(4);
    const count = await inLanes("train", wanted, (lab, round) =>
      killThroughFace(lab, { what: "train", stage: "train", round }),
    );
    expect(count).toBe(wanted);
  }, 600_000);
});

/** Divides rounds among the projects and waits for both, since one that still runs would disturb the next test. */
async function inLanes(
  what: string,
  wanted: number,
  kill: (lab: Lab, round: number) => Promise<void>,
): Promise<number> {
  const began = performance.now();
  let count = 0;
  const ends = lanes.map(async (lab, lane) => {
    for (let round = lane; round < wanted; round += lanes.length) {
      await kill(lab, round);
      count += 1;
    }
  });
  await Promise.allSettled(ends);
  await Promise.all(ends);
  console.info(`${what}: ${count} kills in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  return count;
}

interface Kill {
  readonly what: "split" | "version" | "train" | "upload" | "decide";
  readonly stage: ResultName;
  readonly round: number;
}

/** Kills a process that does the supervisor's work in the middle of the stage (again, earlier, if it was faster). */
async function killProcess(lab: Lab, { what, stage, round }: Kill): Promise<void> {
  const durationMs = what === "upload" ? lab.uploadMs : lab.durationMs(stage);
  let afterMs = drawn(seed, `${what}/${round}`) * durationMs;
  for (;;) {
    await lab.before(what === "upload" ? "upload" : stage);
    const child = startChild(lab, "runs.stage", { name: stage, run: lab.runId });
    await child.line((line) => line === `started ${stage}`);
    setTimeout(() => child.process.kill("SIGKILL"), afterMs);
    if ((await child.end).signal === "SIGKILL") break;
    afterMs /= 2;
  }
  const killed = {
    lab,
    server,
    stage,
    at: `${what} round ${round}, killed after ${afterMs.toFixed(1)} ms, seed ${seed}`,
  };
  expect(brokenIn(lab, stage), killed.at).toEqual([]);
  await expectSettled(killed);
  const report = (await executeIn(lab, "runs.stage", { name: stage, run: lab.runId })) as RunReport;
  expect(report.run.status, killed.at).toBe("FINISHED");
  await expectAsUndisturbed(killed);
}

/**
 * The same with the real processes: the command, its supervisor, and the runner if there is one. If only the command is killed, the
 * supervisor continues. If only the supervisor is killed, the command starts another. If all are killed, the next command continues.
 */
async function killThroughFace(lab: Lab, { what, stage, round }: Kill): Promise<void> {
  const durationMs = what === "upload" ? lab.uploadMs : lab.durationMs(stage);
  const afterMs = drawn(seed, `${what}/${round}`) * durationMs;
  const choice = Math.floor(drawn(seed, `who/${what}/${round}`) * 4);
  const who = what === "train" || choice > 1 ? "all" : choice === 0 ? "face" : "supervisor";
  const killed = {
    lab,
    server,
    stage,
    at: `${what} round ${round}, ${who} killed after ${afterMs.toFixed(1)} ms, seed ${seed}`,
  };
  const command = ["stage", stage, "--run", lab.runId, "--json"];
  await lab.before(what === "upload" ? "upload" : stage);
  const face = startFace(lab, command);
  try {
    await stageStarted(lab, stage);
    await pause(afterMs);
    const supervisor = supervisorOf(lab);
    // The face first: it would start another supervisor.
    if (who !== "supervisor") face.process.kill("SIGKILL");
    if (who !== "face") await killAndWait(supervisor);
    if (who === "all") for (const runner of runnersOf(lab)) killOurs(runner);
    const ended = who === "supervisor" ? await face.end : undefined;
    if (ended !== undefined) expect(ended.code, `${killed.at}: ${ended.output}`).toBe(0);
    if (who === "face") await supervisorIdle(lab);
    if (who === "all") {
      expect(brokenIn(lab, stage), killed.at).toEqual([]);
      await allEnded(lab);
      await expectSettled(killed);
      const next = await startFace(lab, command).end;
      expect(next.code, `${killed.at}: ${next.output}`).toBe(0);
    }
    await expectAsUndisturbed(killed);
  } finally {
    face.process.kill("SIGKILL");
    killOurs(supervisorOf(lab));
  }
}
