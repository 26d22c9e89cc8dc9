import { existsSync, mkdirSync, renameSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { dataContractSchema } from "../src-core/contract/configs/data-contract.ts";
import { splitSchemaSchema } from "../src-core/contract/configs/split-schema.ts";
import { openDuck } from "../src-core/foundation/duck/open.ts";

/** SIGNALBOX_BENCH_ROWS sets another number for a quick trial; the bars are for 10 M. */
const rows = Number(process.env.SIGNALBOX_BENCH_ROWS ?? 10_000_000);

/** "10 M rows × 8 columns" */
export const tableSize = `${rows / 1e6} M rows × 8 columns`;

export const tableNote = `Table: ${rows.toLocaleString("en")} rows × 8 columns (int key, 5,000 groups, time, three floats, an int, a colour) in order of time and key, like logs.`;

export const benchFolder: string = path.join(os.tmpdir(), "signalbox-bench-split");

/** Writes the table that all split benchmarks read, once per machine. */
export async function benchTable(): Promise<string> {
  const file = path.join(benchFolder, `events-${rows}.parquet`);
  if (existsSync(file)) return file;
  mkdirSync(benchFolder, { recursive: true });
  const duck = await openDuck({ tempDirectory: path.join(benchFolder, "make") });
  try {
    await duck.run(`COPY (
      SELECT i AS id, 'store-' || (hash(i * 7 + 1) % 5000) AS store,
        TIMESTAMP '2013-01-01' + to_microseconds((i * ${31_536_000_000_000 / rows})::BIGINT) AS happened_at,
        (hash(i * 11) % 1000000) / 997.0::DOUBLE AS a, (hash(i * 13) % 1000000007)::DOUBLE / 1e5 AS b,
        (hash(i * 17) % 1000)::INTEGER AS c, ['red', 'green', 'blue', 'black'][1 + (hash(i * 19) % 4)::BIGINT] AS colour,
        (hash(i * 23) % 100000) / 100.0::DOUBLE AS y
      FROM range(${rows}) t(i)) TO '${file}.part' (FORMAT parquet)`);
  } finally {
    duck.close();
  }
  renameSync(`${file}.part`, file);
  return file;
}

const required = { non_nullable: true } as const;

export const benchContract = dataContractSchema.parse({
  version: 1,
  rules: 2,
  primary_key: ["id"],
  target: "y",
  columns: {
    id: { type: "int", ...required },
    store: { type: "string", ...required },
    happened_at: { type: "timestamp", ...required },
    a: { type: "float", min: 0 },
    b: { type: "float" },
    c: { type: "int", min: 0, max: 999 },
    colour: { type: "string", allowed_values: ["red", "green", "blue", "black"] },
    y: { type: "float", ...required, min: 0 },
  },
});

export const benchSplit = splitSchemaSchema.parse({
  version: 1,
  rules: 2,
  strategy: "group_hash",
  salt: "events/v1",
  group: ["store"],
  test_basis_points: 2_000,
  optional_tests: [{ name: "recent", moving_period: { column: "happened_at", durations: ["30d"] } }],
});
