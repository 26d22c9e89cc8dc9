import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bareCore } from "../../../../test/support/bare-core.ts";
import { madeProject } from "../../../../test/support/made-project.ts";
import type { Core, Tracking } from "../../../foundation/context.ts";
import { ownIdentity } from "../../../foundation/files/process-identity.ts";
import type { MlflowClient } from "../../../foundation/mlflow/client.ts";
import { deliverDue } from "../../outbox/deliver.ts";
import { pendingItems } from "../../outbox/store.ts";
import { beginStarting, noteStarts, startDeliverer } from "./starting.ts";

const minute = 60_000;
let folder: string;
let core: Core;
let now: number;
let told: string[];

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-starting-"));
  now = 1_000 * minute;
  told = [];
  core = { ...bareCore(folder), clock: { now: () => new Date(now) }, project: () => madeProject(folder) };
});
afterEach(() => {
  core.catalogue().close();
  rmSync(folder, { recursive: true, force: true });
});

const client = {
  runsOfRequest: async () => [
    { runId: "empty", status: "RUNNING" },
    { runId: "ended", status: "FINISHED" },
  ],
  logBatch: async () => undefined,
  updateRun: async ({ runId, status }: { readonly runId: string; readonly status: string }) => {
    told.push(`${runId} ${status}`);
  },
} as unknown as MlflowClient;
const tracking: Tracking = { client, uri: "http://one", source: "flag" };

const begin = (fingerprint = "ab") =>
  beginStarting(core.project().paths, {
    fingerprint,
    experimentId: "1",
    trackingUri: "http://one",
    begunAt: now,
  });
const startingFolder = () => path.join(core.project().paths.cache, "starting");

/** As if the process that began it had died. */
function kill(fingerprint = "ab"): void {
  const file = path.join(startingFolder(), `${fingerprint}.json`);
  const starting = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify({ ...starting, process: { ...ownIdentity(), startTime: "gone" } }));
}

const deliver = (to = tracking) => deliverDue(core, [startDeliverer(core, to)], { isUrged: false });
const pending = () => pendingItems(core.catalogue()).map(({ subject }) => subject);

describe("a start that was killed", () => {
  test("is left for ten minutes to the next start of equal versions, which takes up its request", async () => {
    const { requestId } = begin();
    kill();
    noteStarts(core);
    expect(pending()).toEqual([requestId]);
    expect(await deliver()).toMatchObject({ delivered: 0 });
    const again = begin();
    expect(again.requestId).toBe(requestId);
    again.finish();
    noteStarts(core);
    expect([pending(), told]).toEqual([[], []]);
  });

  test("is ended after that: its empty run becomes FAILED, and its request id is forgotten", async () => {
    begin();
    kill();
    noteStarts(core);
    now += 10 * minute;
    expect(await deliver()).toMatchObject({ delivered: 1 });
    expect([told, pending(), readdirSync(startingFolder())]).toEqual([["empty FAILED"], [], []]);
  });

  test("on another server waits for that one", async () => {
    begin();
    kill();
    noteStarts(core);
    now += 10 * minute;
    expect(await deliver({ ...tracking, uri: "http://two" })).toMatchObject({ waiting: 1 });
    expect(told).toEqual([]);
  });

  test("is put again from its file if the catalogue was lost", () => {
    const { requestId } = begin();
    kill();
    core.catalogue().close();
    for (const name of readdirSync(core.project().paths.private))
      if (name.startsWith("catalogue")) rmSync(path.join(core.project().paths.private, name));
    core = { ...bareCore(folder), clock: core.clock, project: core.project };
    noteStarts(core);
    expect(pending()).toEqual([requestId]);
  });
});

test("a running start of this process isn't mistaken for a killed one", () => {
  const { finish } = begin();
  noteStarts(core);
  expect(pending()).toEqual([]);
  now += 10 * minute;
  noteStarts(core);
  expect(pending()).toHaveLength(1);
  finish();
});

test("a file that can't be read is none: the next start writes another", () => {
  begin();
  writeFileSync(path.join(startingFolder(), "ab.json"), "{");
  noteStarts(core);
  expect(pending()).toEqual([]);
  begin().finish();
  expect(existsSync(path.join(startingFolder(), "ab.json"))).toBe(false);
});
