import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import Database from "better-sqlite3";
import { type MetricPoint, putMetrics } from "../src-core/areas/runs/store.ts";
import { openCatalogue } from "../src-core/foundation/catalogue/open.ts";
import { atMost, type BenchOptions, type BenchResult, interleaved, timed } from "./bench.ts";

const batchRows = 1_000;
const batches = 100;
const runId = "0".repeat(32);

/** Writes rows of metrics to the catalogue in batches of 1,000, a transaction each, against the same statements on plain better-sqlite3. */
export async function run({ repeats, log }: BenchOptions): Promise<BenchResult> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-bench-catalogue-"));
  try {
    let made = 0;
    /** A new file for every repeat: a table that already has rows uses other pages. */
    const freshFile = (): string => {
      const file = path.join(folder, `${made++}`, "catalogue.sqlite");
      const catalogue = openCatalogue(file);
      catalogue.write((writer) => writer.run(insertRun, runId));
      catalogue.close();
      return file;
    };
    const [own, peer] = await interleaved(
      [
        {
          name: "signalbox",
          once: async () => {
            const catalogue = openCatalogue(freshFile());
            const measured = await timed(() => {
              for (let at = 0; at < batches; at++) putMetrics(catalogue, runId, pointsOf(at));
            });
            catalogue.close();
            return measured;
          },
        },
        {
          name: "better-sqlite3",
          once: async () => {
            const database = new Database(freshFile());
            database.pragma("journal_mode = WAL");
            database.pragma("synchronous = NORMAL");
            database.pragma("foreign_keys = ON");
            const insert = database.prepare(insertMetric);
            const write = database.transaction((points: readonly MetricPoint[]) => {
              for (const it of points) insert.run(runId, it.key, it.step, it.value, it.timestamp);
            });
            const measured = await timed(() => {
              for (let at = 0; at < batches; at++) write.immediate(pointsOf(at));
            });
            database.close();
            return measured;
          },
        },
      ],
      repeats,
    );
    if (!own || !peer) throw new Error("A contestant wasn't measured.");
    const rows = batchRows * batches;
    log(`${rows} rows measured`);
    const rate = Math.round(rows / own.bestSeconds).toLocaleString("en");
    return {
      lines: [
        atMost({
          what: `${rows.toLocaleString("en")} metric rows in batches of 1,000`,
          own,
          peer,
          bar: 2,
          stretch: 1.3,
        }),
      ],
      notes: [`The bar is half the peer's rate: at most twice its time. ${rate} rows/s.`],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function pointsOf(batch: number): readonly MetricPoint[] {
  return Array.from({ length: batchRows }, (_, at) => ({
    key: `metric_${at % 10}`,
    value: (batch * batchRows + at) / 7,
    step: Math.floor((batch * batchRows + at) / 10),
    timestamp: 1_700_000_000_000 + at,
  }));
}

const insertMetric =
  "INSERT INTO run_metrics (run_id, key, step, value, recorded_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value, recorded_at = excluded.recorded_at";

const insertRun = `INSERT INTO runs (run_id, run_number, name, experiment, status, fingerprint, split_version, feature_version,
  model_version, data_contract_version, started_at, params_json) VALUES (?, 1, 'bench', 'bench', 'RUNNING', '', 1, 1, 1, 1, 0, '{}')`;
