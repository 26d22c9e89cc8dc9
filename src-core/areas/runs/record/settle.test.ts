import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { bareCore } from "../../../../test/support/bare-core.ts";
import { someCaller } from "../../../../test/support/caller.ts";
import type { Project } from "../../../foundation/context.ts";
import { projectPaths } from "../../../foundation/files/paths.ts";
import { insertOperation, requestCancel, setOperationRun, takeQueued } from "../../operations/operation-store.ts";
import { getRun, putRun, type RunRow } from "../store.ts";
import { settleRuns } from "./settle.ts";

test.each([
  [true, "KILLED", "internal/cancelled"],
  [false, "FAILED", "runs/interrupted"],
])("a run whose process died is settled by what was asked of it (cancel: %s)", (isCancelled, status, code) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-settle-"));
  const core = { ...bareCore(folder), project: () => ({ paths: projectPaths(folder) }) as Project };
  const catalogue = core.catalogue();
  try {
    const now = new Date(0);
    const id = insertOperation(catalogue, { operation: "runs.start", input: {}, caller: someCaller, now, above: 0 });
    takeQueued(catalogue, now);
    const run: Omit<RunRow, "number"> = {
      ...{
        runId: "dead0001",
        name: "r",
        experiment: "e",
        status: "RUNNING" as const,
        isResumable: false,
        fingerprint: "f",
      },
      ...{
        versions: { split_version: 1, feature_version: 1, model_version: 1, data_contract_version: 1 },
        stage: "train",
        verdict: null,
      },
      ...{ startedAt: 0, endedAt: null, error: null, params: {} },
    };
    catalogue.write((writer) => putRun(writer, run));
    setOperationRun(catalogue, id, "dead0001");
    if (isCancelled) requestCancel(catalogue, id, now);
    expect(settleRuns(core)).toEqual(["dead0001"]);
    expect(getRun(catalogue, "dead0001")).toMatchObject({ status, isResumable: true, error: { code } });
  } finally {
    catalogue.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
