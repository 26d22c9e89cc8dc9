import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appendEntry } from "../../src-core/areas/ledger/append.ts";
import { verifyLedger } from "../../src-core/areas/ledger/verify.ts";
import type { EncodedError } from "../../src-core/contract/errors.ts";
import type { Progress } from "../../src-core/contract/operation.ts";
import type { RunReport } from "../../src-core/contract/runs.ts";
import { openCatalogue } from "../../src-core/foundation/catalogue/open.ts";
import { decisionBody } from "../support/decision-body.ts";
import { executeIn, filesOf, type Lab, makeLab, mlflowVersions, type ProjectFiles } from "../support/kill-lab.ts";
import { startTestServer, type TestServer } from "../support/mlflow-server.ts";
import { type SmallDisk, smallDisk } from "../support/small-disk.ts";

/** More than the free space that a training requires. */
const sizeBytes = 320_000_000;
const disk = smallDisk(sizeBytes);
if (typeof disk === "string")
  console.warn(`NOT TESTED: full and read-only disks need a small tmpfs, which can't be mounted here: ${disk}`);

let folder: string;
let server: TestServer;
let lab: Lab;

beforeAll(async () => {
  if (typeof disk === "string") return;
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-full-"));
  server = await startTestServer();
  lab = await makeLab(disk.folder, server, "orders", "decide", { keptIn: folder });
}, 300_000);
afterAll(async () => {
  await server?.close();
  if (typeof disk !== "string") disk.release();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** The error that a stage ends with; undefined if it succeeds. */
const attempt = async (name: string, report: (progress: Progress) => void = () => undefined) =>
  (await executeIn(lab, "runs.stage", { name, run: lab.runId }, { report }).then(
    () => undefined,
    (error: unknown) => error,
  )) as EncodedError | undefined;

/** Existing files must be unchanged, byte for byte; new files must be complete. */
function expectIntact(before: ProjectFiles, after: ProjectFiles): void {
  const now = filesOf(lab.project);
  for (const [file, md5] of Object.entries(now)) expect([before[file], after[file]], file).toContain(md5);
  for (const file of Object.keys(before)) expect(now, file).toHaveProperty([file]);
}

const stages = [
  { stage: "split", freeBytes: [0, 5_000, 30_000, 60_000] },
  { stage: "version", freeBytes: [0, 5_000, 100_000] },
  { stage: "train", freeBytes: [0] },
  { stage: "evaluate", freeBytes: [0, 250_000] },
  { stage: "decide", freeBytes: [0, 5_000, 20_000] },
] as const;

it.runIf(typeof disk !== "string")(
  "a read-only disk is the reason if a project's first command can't create its folder",
  () => {
    if (typeof disk === "string") return;
    disk.readOnly(true);
    try {
      const file = path.join(disk.folder, "new", ".signalbox", "catalogue.sqlite");
      expect(() => openCatalogue(file)).toThrow(expect.objectContaining({ code: "files/no-permission" }));
    } finally {
      disk.readOnly(false);
    }
  },
);

describe.runIf(typeof disk !== "string")("a disk that is full", () => {
  it("takes an entry of the ledger completely or not at all, although it silently takes a part of the bytes", () => {
    if (typeof disk === "string") return;
    const paths = { ledgerFile: path.join(disk.folder, "probe", "decisions.jsonl"), private: folder };
    const catalogue = openCatalogue(path.join(folder, "probe.sqlite"));
    try {
      const append = (runId: string) => {
        const alias = { before: null, after: "1" };
        const body = decisionBody({ runId, modelName: "m", version: "1", alias, useStages: false });
        return appendEntry(
          { paths, catalogue, clock: { now: () => new Date() } },
          { kind: "decision", actor: "ada", body },
        );
      };
      append("r1");
      disk.fillBut(0);
      // The rest of the file's last page takes some more entries, then a part of one.
      const appendAll = () => {
        for (let entry = 2; entry < 20; entry++) append(`r${entry}`);
      };
      expect(appendAll).toThrow(expect.objectContaining({ code: "files/disk-full" }));
      const { entries } = verifyLedger({ text: readFileSync(paths.ledgerFile, "utf8") });
      expect(readFileSync(paths.ledgerFile).length % 4096).not.toBe(0);
      disk.empty();
      expect(append("after")).toMatchObject({ index: entries.length + 1 });
    } finally {
      disk.empty();
      catalogue.close();
      rmSync(path.dirname(paths.ledgerFile), { recursive: true });
    }
  });

  for (const { stage, freeBytes } of stages) {
    for (const free of freeBytes) {
      it(`except for ${free} bytes at ${stage}: reports it, keeps existing files, and the run continues when there is space`, async () => {
        await lab.before(stage);
        const place = disk as SmallDisk;
        place.fillBut(free);
        try {
          const failure = await attempt(stage);
          if (failure !== undefined || free === 0) {
            expect(failure).toMatchObject({ code: "files/disk-full", hint: expect.stringMatching(/free/i) });
          }
          expectIntact(lab.files(stage), lab.expected(stage));
        } finally {
          place.empty();
        }
        await expectGoesOn(stage);
      }, 120_000);
    }
  }
});

describe.runIf(typeof disk !== "string")("a disk that fills up", () => {
  for (const free of [0, 20_000, 100_000]) {
    it(`except for ${free} bytes while a model is fitted: the job reports it, and trains again when there is space`, async () => {
      await lab.before("train");
      const place = disk as SmallDisk;
      let isFull = false;
      try {
        const failure = await attempt("train", ({ message }) => {
          if (isFull || message !== "fitting") return;
          isFull = true;
          place.fillBut(free);
        });
        expect(failure).toMatchObject({ code: "files/disk-full", hint: expect.stringMatching(/free/i) });
        expectIntact(lab.files("train"), lab.expected("train"));
      } finally {
        place.empty();
      }
      await expectGoesOn("train");
    }, 120_000);
  }
});

describe.runIf(typeof disk !== "string")("a project without write permission", () => {
  for (const { stage } of stages) {
    it(`at ${stage}: reports it, and the run continues when there is permission`, async () => {
      await lab.before(stage);
      const place = disk as SmallDisk;
      place.readOnly(true);
      try {
        const failure = await attempt(stage);
        expect(failure).toMatchObject({ code: "files/no-permission", hint: expect.stringMatching(/permission/) });
      } finally {
        place.readOnly(false);
      }
      expect(filesOf(lab.project)).toEqual(lab.files(stage));
      await expectGoesOn(stage);
    }, 120_000);
  }
});

async function expectGoesOn(stage: string): Promise<void> {
  const { run } = (await executeIn(lab, "runs.stage", { name: stage, run: lab.runId })) as RunReport;
  expect(run.status).toBe("FINISHED");
  expect(filesOf(lab.project)).toEqual(lab.expected(stage as (typeof stages)[number]["stage"]));
  if (stage !== "decide") return;
  expect(await executeIn(lab, "ledger.verify", {})).toMatchObject({ entries: 1 });
  expect(await mlflowVersions(server, lab.modelName)).toMatchObject({ versions: [{ version: "1" }], champion: "1" });
}
