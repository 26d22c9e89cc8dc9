import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { isTestSql } from "../src-core/areas/splits/keys/membership.ts";
import { makeSplit } from "../src-core/areas/splits/make/make-split.ts";
import { copySide } from "../src-core/areas/splits/make/parquet-side.ts";
import { splitMemoryBytes } from "../src-core/areas/splits/make/split-memory.ts";
import { fileSha256 } from "../src-core/areas/splits/master/file-sha256.ts";
import { hashMaster } from "../src-core/areas/splits/master/master-files.ts";
import { openDuck } from "../src-core/foundation/duck/open.ts";
import { identifier, literal } from "../src-core/foundation/duck/quote.ts";
import { benchContract, benchFolder, benchSplit } from "./split-table.ts";

/**
 * Runs one contestant in a separate process, to measure its own peak memory: `copy | split | stage TABLE [LIMIT_BYTES | unlimited]`. The
 * stage is confined and has the product's limit by default.
 */
const [mode, table = "", wanted] = process.argv.slice(2);
const size = {
  columns: Object.keys(benchContract.columns).length,
  threads: os.availableParallelism(),
  machineBytes: os.totalmem(),
};
const limit = wanted === undefined && mode === "stage" ? splitMemoryBytes([table], size) : wanted;
const out = mkdtempSync(path.join(benchFolder, "run-"));
const duck = await openDuck({
  tempDirectory: path.join(out, "duck"),
  ...(limit === undefined || limit === "unlimited" ? {} : { memoryLimitBytes: Number(limit) }),
  ...(mode === "stage" ? { confinedTo: { folders: [out], files: [table] } } : {}),
});
const start = performance.now();
try {
  if (mode === "copy")
    await duck.run(`COPY (FROM read_parquet(${literal(table)})) TO ${literal(path.join(out, "copy.parquet"))}`);
  else if (mode === "split") await split();
  else await stage();
  const seconds = (performance.now() - start) / 1000;
  console.log(JSON.stringify({ seconds, peak_bytes: peakBytes() }));
} finally {
  duck.close();
  rmSync(out, { recursive: true });
}

/** Writes three deterministic files and their sha256, and nothing else. */
async function split(): Promise<void> {
  const from = `read_parquet(${literal(table)})`;
  const isTest = isTestSql("events/v1", "store", 2_000);
  await duck.run(
    `CREATE TEMP TABLE test_units AS SELECT store FROM (SELECT DISTINCT store FROM ${from}) WHERE ${isTest}`,
  );
  const reference = path.join(out, "reference.parquet");
  const held = `SELECT * FROM read_parquet(${literal(reference)})`;
  const sides = [
    { select: `SELECT * FROM ${from} ANTI JOIN test_units USING (store)`, file: path.join(out, "train.parquet") },
    { select: `SELECT * FROM ${from} SEMI JOIN test_units USING (store)`, file: reference },
    { select: `${held} WHERE happened_at >= TIMESTAMP '2013-12-01'`, file: path.join(out, "recent.parquet") },
  ];
  const digests: Promise<unknown>[] = [];
  for (const side of sides) {
    await copySide(duck, { ...side, orderBy: [identifier("id")] });
    digests.push(fileSha256(side.file, { isSynced: true }));
  }
  await Promise.all(digests);
}

/** Runs all of the stage except renaming the files. */
async function stage(): Promise<void> {
  const resolved = { version: 1, path: "v1.yaml", digest: "0" } as const;
  await makeSplit(duck, {
    root: path.dirname(table),
    masterPath: path.basename(table),
    master: hashMaster(path.dirname(table), path.basename(table)),
    contract: { ...resolved, kind: "data_contract", value: benchContract },
    split: { ...resolved, kind: "split", value: benchSplit },
    codes: [],
    folder: out,
    reference: { kind: "new", file: path.join(out, "test_reference.parquet") },
    names: { folder: "split", reference: "reference" },
    node: process.execPath,
    signal: new AbortController().signal,
    report: () => undefined,
  });
}

/** The process's own peak; `resourceUsage` would include the parent's, which a forked child inherits on Linux. */
function peakBytes(): number {
  try {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    return Number(kib) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}
