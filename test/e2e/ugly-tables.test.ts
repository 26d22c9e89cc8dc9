import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunReport } from "../../src-core/contract/runs.ts";
import { type CliResult, cli, cliJson } from "../support/cli.ts";
import { startTestServer, type TestServer } from "../support/mlflow-server.ts";
import {
  churn,
  codedClasses,
  flowers,
  hotelBookings,
  repeated,
  sensors,
  shopDays,
  sqlWords,
  tickets,
  type UglyTable,
} from "../support/ugly-tables.ts";

let folder: string;
let server: TestServer;
const environment = (): NodeJS.ProcessEnv => ({
  MLFLOW_TRACKING_URI: server.uri,
  SIGNALBOX_SUPERVISOR_IDLE_MS: "1000",
});

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-ugly-"));
  server = await startTestServer();
});
afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

async function init(table: UglyTable, name: string, options: readonly string[]): Promise<CliResult> {
  await table.write(folder);
  return await cli(["init", name, "--table", table.file, ...options], { cwd: folder, env: environment() });
}

interface Decided {
  readonly table: UglyTable;
  readonly options: readonly string[];
  readonly task: "regression" | "binary" | "multiclass";
  readonly strategy: string;
  /** The key that init must have reported. */
  readonly key: string;
}

// Each is a raw export: one command creates the project, the next decides, and no file is edited in between.
const tables: readonly (readonly [name: string, decided: Decided])[] = [
  [
    "CSV: two date formats in a column, five words for null, a mix of Y/N, 0/1 and True/False, nearly unique names",
    {
      table: hotelBookings,
      options: ["--target", "price €"],
      task: "regression",
      strategy: "stratified_hash",
      key: "Booking No.",
    },
  ],
  [
    "JSONL: quotes, dots, braces, tabs and emoji in column names, nested values, yes and no as the target",
    {
      table: churn,
      options: ["--target", "gekündigt"],
      task: "binary",
      strategy: "stratified_hash",
      key: "Kunden-Nr",
    },
  ],
  [
    "Parquet: SQL's words as names, a key called target, blobs, enums and decimals, classes as text",
    { table: sqlWords, options: ["--target", "class"], task: "multiclass", strategy: "stratified_hash", key: "target" },
  ],
  [
    "CSV with semicolons and CRLF: classes coded as numbers, columns named like predictions",
    {
      table: codedClasses,
      options: ["--target", "quality", "--task", "multiclass"],
      task: "multiclass",
      strategy: "stratified_hash",
      key: "prediction",
    },
  ],
  [
    "the same as amounts, so that key and prediction have one name",
    {
      table: codedClasses,
      options: ["--target", "quality", "--task", "regression"],
      task: "regression",
      strategy: "stratified_hash",
      key: "prediction",
    },
  ],
  [
    "Parquet split by time: zones in the times, a truth value with gaps as the target",
    {
      table: sensors,
      options: ["--target", "failed", "--time", "measured at"],
      task: "binary",
      strategy: "temporal",
      key: "reading id",
    },
  ],
  [
    "TSV with a byte-order mark split by shop and time: a key of two columns, whole numbers with gaps",
    {
      table: shopDays,
      options: ["--target", "Kasse", "--group", "Filiale", "--time", "Tag"],
      task: "regression",
      strategy: "group_temporal",
      key: "Filiale, Tag",
    },
  ],
  [
    "compressed CSV in which whole rows repeat",
    { table: repeated, options: ["--target", "rent"], task: "regression", strategy: "stratified_hash", key: "flat" },
  ],
  [
    "CSV of measurements without an identifier, with row numbers and commas in names, some rows twice",
    {
      table: flowers,
      options: ["--target", "kind"],
      task: "multiclass",
      strategy: "stratified_hash",
      key: "a digest of the values in 3 columns",
    },
  ],
  [
    "CSV whose names differ by case alone, with sentences and a very rare class",
    { table: tickets, options: ["--target", "queue"], task: "multiclass", strategy: "stratified_hash", key: "ID" },
  ],
];

describe("an unprepared table leads to a finished run with a decision", () => {
  it.each(tables)("%s", { timeout: 180_000 }, async (_, decided) => {
    const name = `project ${tables.findIndex(([, it]) => it === decided)}`;
    const made = await init(decided.table, name, decided.options);
    expect(made.code, made.stderr).toBe(0);
    expect(made.stdout).toMatch(new RegExp(`task +${decided.task}`));
    expect(made.stdout).toMatch(new RegExp(`split +${decided.strategy}`));
    expect(made.stdout).toMatch(new RegExp(`key +${decided.key.replace(".", "\\.")}\\n`));
    const project = path.join(folder, name);
    const report = await cliJson<RunReport>(["run"], { cwd: project, env: environment() });
    expect(report.run).toMatchObject({ status: "FINISHED", verdict: "PROMOTE" });
    expect(report.decision?.ledgerIndex).toBe(1);
    const primary = decided.task === "regression" ? "reference_rmse" : "reference_log_loss";
    const measured = report.metrics.find(({ metric }) => metric === primary);
    expect(measured?.n).toBe(report.sides[1]?.rows);
    expect(Number.isFinite(measured?.value)).toBe(true);
  });
});

describe("a decision that only the user can make", () => {
  it("is requested by name, with its flags, and nothing is created", async () => {
    const { code, stderr } = await init(codedClasses, "undecided", ["--target", "quality"]);
    expect(code).toBe(4);
    expect(stderr).toMatch(/Which task is it\?.*`quality`/s);
    expect(stderr).toMatch(/^next .*--task regression or --task multiclass/m);
    expect(stderr).toMatch(/^code +projects\/undecided$/m);
  });
});

describe("boosted-tree libraries beyond scikit-learn", () => {
  it("are refused with the command that installs them, and then train on the same table", {
    timeout: 600_000,
  }, async () => {
    const project = path.join(folder, "boosted");
    expect((await init(sensors, "boosted", ["--target", "failed", "--time", "measured at"])).code).toBe(0);
    for (const [index, type] of (["lightgbm", "xgboost"] as const).entries()) {
      const version = index + 2;
      const text = `version: 1\nmodel: { type: ${type}, params: { n_estimators: 30 } }\nseed: 7\n`;
      writeFileSync(path.join(project, "configs", "models", `v${version}.yaml`), text);
      const set = ["run", "--set", `model_version=${version}`];
      // A data folder without environments: the group is missing there, and nothing is installed without a request. It needs a copy of the
      // project, since a supervisor keeps the environment of the face that started it.
      const bare = { ...environment(), SIGNALBOX_HOME: path.join(folder, "empty-home") };
      const apart = path.join(folder, `apart-${type}`);
      cpSync(project, apart, { recursive: true, filter: (file) => path.basename(file) !== ".signalbox" });
      const refused = await cli(set, { cwd: apart, env: bare });
      expect(refused.code).toBe(4);
      expect(refused.stderr).toMatch(new RegExp(`^next +signalbox env add ${type}  installs it$`, "m"));
      expect((await cli(["env", "add", type], { cwd: folder, env: environment() })).code).toBe(0);
      const report = await cliJson<RunReport>(set, { cwd: project, env: environment() });
      expect(report.run).toMatchObject({ status: "FINISHED" });
      expect(report.run.verdict).toMatch(/PROMOTE|HOLD|REJECT/);
    }
  });
});
