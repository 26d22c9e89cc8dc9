import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { someCaller } from "../../test/support/caller.ts";
import { insertConfigVersion, restoreConfigVersion } from "../areas/configs/store.ts";
import { jobRecord, putJob, settleJob } from "../areas/jobs/store.ts";
import { writeHead } from "../areas/ledger/store.ts";
import {
  insertOperation,
  requestCancel,
  requeueOperation,
  setOperationRun,
  settleOperation,
  takeQueued,
} from "../areas/operations/operation-store.ts";
import { markDone, markTried, putItem } from "../areas/outbox/store.ts";
import { putDecision } from "../areas/promotion/store.ts";
import { failOpenStages, putMetrics, putRun, type RunRow, setOutcome, setStage } from "../areas/runs/store.ts";
import { putModel } from "../areas/tracking/store.ts";
import type { DecisionRow } from "../contract/promotion.ts";
import { feedPosition, readChanges } from "../foundation/catalogue/changes.ts";
import { type Catalogue, type CatalogueWriter, openCatalogue } from "../foundation/catalogue/open.ts";
import type { JobRequest } from "../foundation/exec/place.ts";

/** Each store's writes, by the table that they change, and what is told of them. */

let folder: string;
let catalogue: Catalogue;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "sb-told-"));
  catalogue = openCatalogue(path.join(folder, "catalogue.sqlite"));
});
afterEach(() => {
  catalogue.close();
  rmSync(folder, { recursive: true, force: true });
});

const now = new Date(1_000);
const clock = { now: () => now };
const run: Omit<RunRow, "number"> = {
  runId: "r1",
  name: "n",
  experiment: "e",
  status: "RUNNING",
  isResumable: false,
  fingerprint: "f",
  versions: { split_version: 1, feature_version: 1, model_version: 1, data_contract_version: 1 },
  stage: null,
  verdict: null,
  startedAt: 1,
  endedAt: null,
  error: null,
  params: {},
};
const put = (writer: CatalogueWriter) => putRun(writer, run);
const job = { jobId: "train", runId: "r1", kind: "train", folder: "/f" } as const satisfies Partial<JobRequest>;
const request = job as unknown as JobRequest;
const version = { kind: "split", version: 3, digest: "d", firstRunId: "r1", frozenAt: 5 } as const;
const item = { kind: "run-outcome", subject: "r1", payload: {}, putAt: 1 } as const;
const outcome = { status: "FAILED", isResumable: true, endedAt: 2, error: null } as const;
const write = (work: (writer: CatalogueWriter) => unknown) => () => void catalogue.write(work);
const queue = () =>
  insertOperation(catalogue, { operation: "runs.start", input: {}, caller: someCaller, now, above: 0 });
const take = () => takeQueued(catalogue, now);
const decision: DecisionRow = {
  ledgerIndex: 4,
  kind: "decision",
  runId: "r1",
  modelName: "m",
  modelVersion: "1",
  verdict: "HOLD",
  isExperiment: false,
  reason: "r",
  actor: "a",
  productionBefore: null,
  productionAfter: null,
  decidedAt: 1,
};

interface Told {
  readonly table: string;
  readonly what: string;
  readonly before?: () => void;
  readonly change: () => void;
  readonly told: readonly [subject: string, id: string];
}

const jobs = () => jobRecord({ catalogue, clock, projectDir: "/p" }, () => undefined);
const started = () => {
  write(put)();
  jobs().started(request);
};
const queued = () => void queue();
const taken = () => {
  queue();
  take();
};

const writes: readonly Told[] = [
  { table: "runs", what: "a run that begins", change: write(put), told: ["runs", "r1"] },
  {
    table: "runs",
    what: "how a run ended",
    before: write(put),
    told: ["runs", "r1"],
    change: write((writer) => setOutcome(writer, "r1", outcome)),
  },
  {
    table: "stages",
    what: "a stage's state",
    before: write(put),
    told: ["runs", "r1"],
    change: write((it) => setStage(it, "r1", { stage: "split", state: "running", startedAt: 1, endedAt: null })),
  },
  {
    table: "stages",
    what: "stages that nobody works on",
    before: write(put),
    told: ["runs", "r1"],
    change: write((writer) => failOpenStages(writer, "r1", 2)),
  },
  {
    table: "run_metrics",
    what: "metrics",
    before: write(put),
    told: ["runs", "r1"],
    change: () => putMetrics(catalogue, "r1", [{ key: "k", value: 1, step: 0, timestamp: 1 }]),
  },
  {
    table: "jobs",
    what: "a job that begins",
    before: write(put),
    change: () => jobs().started(request),
    told: ["runs", "r1"],
  },
  {
    table: "jobs",
    what: "a job's end",
    before: started,
    told: ["runs", "r1"],
    change: () => settleJob(catalogue, "r1/train", "succeeded"),
  },
  {
    table: "jobs",
    what: "a job that is put back",
    before: write(put),
    told: ["runs", "r1"],
    change: write((writer) => putJob(writer, { ...job, state: "succeeded", startedAt: 1 })),
  },
  { table: "operations", what: "one that is queued", change: queued, told: ["operations", "op1"] },
  {
    table: "operations",
    what: "one that is taken",
    before: queued,
    change: () => void take(),
    told: ["operations", "op1"],
  },
  {
    table: "operations",
    what: "its end",
    before: taken,
    told: ["operations", "op1"],
    change: () => settleOperation(catalogue, "op1", { state: "succeeded", now }),
  },
  {
    table: "operations",
    what: "one that is queued again",
    before: taken,
    told: ["operations", "op1"],
    change: () => requeueOperation(catalogue, "op1"),
  },
  {
    table: "operations",
    what: "a cancel",
    before: taken,
    told: ["operations", "op1"],
    change: () => void requestCancel(catalogue, "op1", now),
  },
  {
    table: "operations",
    what: "its run",
    before: taken,
    told: ["operations", "op1"],
    change: () => setOperationRun(catalogue, "op1", "r1"),
  },
  {
    table: "config_versions",
    what: "a frozen version",
    change: write((it) => insertConfigVersion(it, version)),
    told: ["configs", "split v3"],
  },
  {
    table: "config_versions",
    what: "one that is put back",
    change: write((it) => restoreConfigVersion(it, version)),
    told: ["configs", "split v3"],
  },
  {
    table: "outbox",
    what: "what MLflow hears later",
    change: write((it) => putItem(it, item)),
    told: ["outbox", "r1"],
  },
  {
    table: "outbox",
    what: "an attempt",
    before: write((it) => putItem(it, item)),
    change: write((it) =>
      markTried(it, item, { triedAt: 2, error: { code: "tracking/unreachable", message: "m" }, dueAt: 3 }),
    ),
    told: ["outbox", "r1"],
  },
  {
    table: "outbox",
    what: "its delivery",
    before: write((it) => putItem(it, item)),
    change: write((it) => markDone(it, item, 2)),
    told: ["outbox", "r1"],
  },
  {
    table: "models",
    what: "a registered version",
    told: ["models", "m/3"],
    change: write((writer) => putModel(writer, { name: "m", version: "3", runId: "r1", digest: "d", registeredAt: 1 })),
  },
  {
    table: "decisions",
    what: "a decision",
    change: write((it) => putDecision(it, decision)),
    told: ["decisions", "4"],
  },
  {
    table: "ledger_head",
    what: "a longer ledger",
    change: write((it) => writeHead(it, { entries: 9, hash: "h" })),
    told: ["ledger", "9"],
  },
];

/** Tables that say nothing of a project: who works on it, the copy of the ledger (its head is told), and the feed itself. */
const untold = ["leases", "ledger_copy", "changes", "feed", "sqlite_sequence"];

describe("a write to the catalogue", () => {
  it.each(writes.map((it) => [it.table, it.what, it] as const))("of %s is told: %s", (_table, _what, it) => {
    it.before?.();
    const start = feedPosition(catalogue);
    it.change();
    const { changes } = readChanges(catalogue, start);
    const [subject, id] = it.told;
    expect(changes.find((change) => change.subject === subject)?.ids).toContain(id);
  });

  it("is told of every table there is", () => {
    const tables = catalogue
      .all("SELECT name FROM sqlite_master WHERE type = 'table'")
      .map(({ name }) => String(name))
      .filter((name) => !untold.includes(name));
    expect([...new Set(writes.map(({ table }) => table))].toSorted()).toEqual(tables.toSorted());
  });

  it("that changes nothing is not told", () => {
    write((it) => insertConfigVersion(it, version))();
    write((it) => putDecision(it, decision))();
    const start = feedPosition(catalogue);
    write((it) => insertConfigVersion(it, version))();
    write((it) => putDecision(it, decision))();
    write((it) => restoreConfigVersion(it, version))();
    expect(readChanges(catalogue, start).changes).toEqual([]);
  });
});
