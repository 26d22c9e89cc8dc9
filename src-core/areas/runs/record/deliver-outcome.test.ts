import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bareCore } from "../../../../test/support/bare-core.ts";
import { madeProject } from "../../../../test/support/made-project.ts";
import { AppError, encodeError } from "../../../contract/errors.ts";
import type { Core, Tracking } from "../../../foundation/context.ts";
import type { MlflowClient } from "../../../foundation/mlflow/client.ts";
import { deliverDue } from "../../outbox/deliver.ts";
import { pendingItems } from "../../outbox/store.ts";
import { putRun, type RunRow } from "../store.ts";
import { closeRun, interrupted } from "./close-run.ts";
import { outcomeDeliverer } from "./deliver-outcome.ts";
import { abandonRun, isOwned, takeRun } from "./owner.ts";
import { restoreOutcomes } from "./restore-outcomes.ts";
import { settleRuns } from "./settle.ts";

let folder: string;
let core: Core;
/** Statuses that MLflow was told, by run. */
let told: Record<string, string>;
let failure: AppError | undefined;
/** The last attempt at each run, as MLflow knows it. */
let attempt: string | undefined;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-outcome-"));
  core = { ...bareCore(folder), project: () => madeProject(folder) };
  [told, failure, attempt] = [{}, undefined, undefined];
});
afterEach(() => {
  core.catalogue().close();
  rmSync(folder, { recursive: true, force: true });
});

const uri = "http://one";
const client = {
  getRun: async () => ({ tags: attempt === undefined ? {} : { "signalbox.attempt": attempt } }),
  logBatch: async () => undefined,
  updateRun: async ({ runId, status }: { readonly runId: string; readonly status: string }) => {
    if (failure !== undefined) throw failure;
    told[runId] = status;
  },
  removeDuplicateRuns: async () => 0,
  forClosing: () => client,
} as unknown as MlflowClient;
const tracking: Tracking = { client, uri, source: "flag" };

const folderOf = (runId: string) => path.join(core.project().paths.runs, runId);

/** A run with a folder, in that status. */
function makeRun(runId: string, status: RunRow["status"]): string {
  mkdirSync(folderOf(runId), { recursive: true });
  core.catalogue().write((writer) => putRun(writer, rowOf(runId, status)));
  return folderOf(runId);
}

function rowOf(runId: string, status: RunRow["status"]): Omit<RunRow, "number"> {
  return {
    ...{ runId, name: "r", experiment: "e", status, isResumable: status === "FAILED", fingerprint: "f" },
    ...{
      versions: { split_version: 1, feature_version: 1, model_version: 1, data_contract_version: 1 },
      stage: "train",
    },
    ...{ verdict: null, startedAt: 1, endedAt: status === "RUNNING" ? null : 2, error: null, params: {} },
  };
}

/** A run's record that says which server it is on. */
function recordOn(runId: string, trackingUri: string): void {
  const versions = { split_version: 1, feature_version: 1, model_version: 1, data_contract_version: 1 };
  writeFileSync(
    path.join(folderOf(runId), "run.json"),
    JSON.stringify({
      ...{ schema: 1, runId, number: 1, name: "r", experiment: "e", experimentId: "1", requestId: null, trackingUri },
      ...{ fingerprint: "f", versions, seed: 1, startedAt: 1, attempts: ["first", "second"], params: {} },
    }),
  );
}

const deliver = (to = tracking) => deliverDue(core, [outcomeDeliverer(core, to)], { isUrged: false });
const pending = () => pendingItems(core.catalogue()).map(({ subject, tried }) => [subject, tried]);

const close = (runId: string, status: "FINISHED" | "FAILED") => {
  const error = status === "FAILED" ? encodeError(interrupted("train")) : null;
  return closeRun(
    core,
    { record: { runId, experimentId: "1", requestId: "q" }, runDir: folderOf(runId), tracking },
    { outcome: { status, isResumable: false, endedAt: 5, error } },
  );
};

describe("a run that is closed", () => {
  test("is sent to MLflow at once, and nothing remains to be sent", async () => {
    takeRun(makeRun("a", "RUNNING"));
    await close("a", "FINISHED");
    expect([told, pending(), existsSync(path.join(folderOf("a"), "owner.json"))]).toEqual([
      { a: "FINISHED" },
      [],
      false,
    ]);
  });

  test("as failed while the server is down waits with the error and without an owner, and a later command sends it", async () => {
    takeRun(makeRun("a", "RUNNING"));
    failure = new AppError({ code: "tracking/unreachable", message: "gone" });
    await close("a", "FAILED");
    expect([pending(), isOwned(folderOf("a"))]).toEqual([[["a", 1]], false]);
    failure = undefined;
    await deliver();
    expect([told, pending()]).toEqual([{ a: "FAILED" }, []]);
  });
});

describe("a run whose process died", () => {
  test("is pending in the transaction that closes the run, and a later command sends it", async () => {
    makeRun("dead", "RUNNING");
    expect(settleRuns(core)).toEqual(["dead"]);
    expect(pending()).toEqual([["dead", 0]]);
    await deliver();
    expect([told, pending()]).toEqual([{ dead: "FAILED" }, []]);
  });

  test("in another copy of the project is no business of this one's: it has no folder here", () => {
    rmSync(makeRun("far", "RUNNING"), { recursive: true });
    expect(settleRuns(core)).toEqual(["far"]);
    expect(pending()).toEqual([]);
  });
});

describe("an outcome that is pending", () => {
  test("is found among any number of runs", async () => {
    makeRun("first", "RUNNING");
    settleRuns(core);
    core.catalogue().write((writer) => {
      for (let made = 0; made < 1_100; made++) putRun(writer, rowOf(`later${made}`, "FINISHED"));
    });
    await deliver();
    expect(told).toEqual({ first: "FAILED" });
  });

  test("waits while a process works on the run again, and while another server is used", async () => {
    makeRun("a", "RUNNING");
    settleRuns(core);
    takeRun(folderOf("a"));
    expect(await deliver()).toEqual({ delivered: 0, failed: 0, waiting: 1 });
    abandonRun(folderOf("a"));
    recordOn("a", "http://other");
    expect(await deliver()).toEqual({ delivered: 0, failed: 0, waiting: 1 });
    expect(await deliver({ ...tracking, source: "managed" })).toEqual({ delivered: 1, failed: 0, waiting: 0 });
  });

  test.each([
    ["second", { a: "FAILED" }],
    [undefined, { a: "FAILED" }],
    ["of another copy", {}],
  ])("is dropped if another copy of the project has resumed the run since (attempt: %s)", async (last, expected) => {
    makeRun("a", "RUNNING");
    recordOn("a", uri);
    settleRuns(core);
    attempt = last;
    expect(await deliver()).toEqual({ delivered: 1, failed: 0, waiting: 0 });
    expect([told, pending()]).toEqual([expected, []]);
  });

  test("of a run that was deleted in MLflow needs no telling", async () => {
    makeRun("a", "RUNNING");
    settleRuns(core);
    failure = new AppError({ code: "tracking/not-found", message: "no such run" });
    expect(await deliver()).toEqual({ delivered: 1, failed: 0, waiting: 0 });
  });

  test("is restored from the run's folder if the catalogue was lost, unless the run was released", () => {
    abandonRun(makeRun("untold", "FAILED"));
    makeRun("told", "FINISHED");
    takeRun(makeRun("mine", "RUNNING"));
    for (let twice = 0; twice < 2; twice++)
      core.catalogue().write((writer) => restoreOutcomes(writer, core.project().paths.runs));
    expect(pending()).toEqual([["untold", 0]]);
  });

  test("of an earlier version's mark comes back too", () => {
    writeFileSync(path.join(makeRun("old", "KILLED"), "owner.json"), '{"untold":true}');
    core.catalogue().write((writer) => restoreOutcomes(writer, core.project().paths.runs));
    expect(pending()).toEqual([["old", 0]]);
  });
});
