import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { candidate, propertyRuns, tableArbitrary } from "../../../../test/support/routing-candidates.ts";
import { AppError } from "../../../contract/errors.ts";
import { openDuck } from "../../../foundation/duck/open.ts";
import { candidatesDigest } from "./candidate-digest.ts";
import { findCandidates, readCandidates, writeCandidates } from "./candidate-files.ts";
import { sortedCandidates } from "./candidate-order.ts";

let folder: string;
const inFolder = (name: string) => path.join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-test-candidates-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function failure(work: Promise<unknown>): Promise<AppError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

const metrics = { snapshots: 3, mean_overlap: 0.1 + 0.2, std_overlap: 1e-17, mean_tau: null, std_tau: null };
const rows = [
  candidate({ symbol: "b" }),
  candidate({ symbol: "\uFFFD", score: 0, stability_metrics: metrics }),
  candidate({ symbol: "\u{1F6EB}", score: null, sample_size: null }),
  candidate({ symbol: 'a,"b"\nc\r\n; d', score: 0.1 + 0.2 }),
  candidate(),
  candidate({ target: "delay", task_type: "regression", metric_name: "r2", score: -12.5 }),
];

describe("a candidate table", () => {
  it.each(["parquet", "csv"] as const)(
    "keeps segments apart that look like none, or like the pooled view, in %s",
    async (format) => {
      const symbols = [null, "", " ", '"', '""', "CS", '"CS"', "CROSS_SECTIONAL", "null"];
      const file = inFolder(`routing_candidates.${format}`);
      await writeCandidates(
        file,
        symbols.map((symbol) => candidate({ symbol })),
        format,
      );
      const { candidates, bad } = await readCandidates(file);
      expect(bad).toEqual([]);
      expect(new Set(candidates.map(({ symbol }) => symbol))).toEqual(new Set(symbols));
    },
  );

  it.each(["parquet", "csv"] as const)(
    "comes back from %s as it was written, sorted, the pooled view first",
    async (format) => {
      const file = inFolder(`routing_candidates.${format}`);
      await writeCandidates(file, rows, format);
      const read = await readCandidates(file);
      expect(read.candidates).toEqual(sortedCandidates(rows));
      expect(read.candidates.map(({ symbol }) => symbol)).toEqual([
        null,
        null,
        'a,"b"\nc\r\n; d',
        "b",
        "\uFFFD",
        "\u{1F6EB}",
      ]);
      expect(read).toMatchObject({ bad: [], unknownColumns: [], file, digest: candidatesDigest(rows) });
    },
  );

  it.each(["parquet", "csv"] as const)("has the same bytes in %s whatever the order of its rows", async (format) => {
    await writeCandidates(inFolder("one"), rows, format);
    await writeCandidates(inFolder("other"), [...rows].reverse(), format);
    expect(readFileSync(inFolder("one")).equals(readFileSync(inFolder("other")))).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(["one", "other"]);
  });

  it("may be empty", async () => {
    for (const format of ["parquet", "csv"] as const) {
      const file = inFolder(`none.${format}`);
      await writeCandidates(file, [], format);
      expect((await readCandidates(file)).candidates).toEqual([]);
    }
  });

  it("is read back whatever it contains", async () => {
    const names = fc
      .string({ minLength: 1, unit: "binary" })
      // JSON and CSV can't carry half a surrogate pair or a NUL, and no name of a segment is one.
      .filter((text) => text.isWellFormed() && !text.includes("\0"));
    await fc.assert(
      fc.asyncProperty(
        tableArbitrary(names),
        fc.constantFrom("parquet" as const, "csv" as const),
        async (table, format) => {
          // A score outside its metric's range is bad, and so is a reversed interval: neither is written here.
          const sound = table.map((row) => ({ ...row, score_ci_high: null }));
          const file = inFolder(`any.${format}`);
          await writeCandidates(file, sound, format);
          const read = await readCandidates(file);
          expect(read.bad).toEqual([]);
          expect(read.candidates).toEqual(sortedCandidates(sound));
        },
      ),
      propertyRuns(25),
    );
  });

  it("of a program that writes structures, times and 32-bit numbers is read too", async () => {
    const file = inFolder("made-elsewhere.parquet");
    const duck = await openDuck({ tempDirectory: inFolder("duck") });
    try {
      await duck.run(
        `COPY (SELECT 'late' AS target, 7 AS symbol, 0.7::FLOAT AS score, 'roc_auc' AS metric_name, 5000::DOUBLE AS sample_size, TIMESTAMP '2013-04-01' AS timestamp, {'mean_overlap': 0.8, 'mean_tau': 0.75} AS stability_metrics, 'x' AS note) TO '${file}' (FORMAT parquet)`,
      );
    } finally {
      duck.close();
    }
    const { candidates, bad, unknownColumns } = await readCandidates(file);
    expect(bad).toEqual([]);
    expect(unknownColumns).toEqual(["note"]);
    expect(candidates[0]).toMatchObject({
      symbol: "7",
      sample_size: 5000,
      timestamp: "2013-04-01T00:00:00.000Z",
      stability_metrics: { snapshots: 2, mean_overlap: 0.8, mean_tau: 0.75 },
    });
  });

  it("uses the project's task if it doesn't have one", async () => {
    writeFileSync(inFolder("bare.csv"), "target,symbol,score\ndelay,UA,0.3\n");
    const { candidates } = await readCandidates(inFolder("bare.csv"), { taskOf: () => "regression" });
    expect(candidates[0]).toMatchObject({ task_type: "regression", metric_name: "r2", score: 0.3 });
  });
});

describe("a table that can't be read", () => {
  it("names the missing columns", async () => {
    writeFileSync(inFolder("x.csv"), "target,scores\nlate,1\n");
    const error = await failure(readCandidates(inFolder("x.csv")));
    expect(error.code).toBe("routing/candidates-unreadable");
    expect(error.message).toContain("doesn't have the column `score`");
    expect(error.hint).toContain("it has: target, scores");
    writeFileSync(inFolder("y.csv"), "a,b\n1,2\n");
    expect((await failure(readCandidates(inFolder("y.csv")))).message).toContain("`target` or `score`");
  });

  it("is reported for what it is: not Parquet, a broken line, no file", async () => {
    writeFileSync(inFolder("x.parquet"), "not a table");
    const damaged = await failure(readCandidates(inFolder("x.parquet")));
    expect(damaged.code).toBe("routing/candidates-unreadable");
    expect(damaged.details).toMatchObject({ file: inFolder("x.parquet") });
    writeFileSync(inFolder("x.csv"), 'target,score\nlate,0.5\nlate,"0.5\n');
    expect((await failure(readCandidates(inFolder("x.csv")))).code).toBe("routing/candidates-unreadable");
    expect((await failure(readCandidates(inFolder("none.parquet")))).code).toBe("files/not-found");
  });
});

describe("finding the table of a folder", () => {
  it("accepts either format, and nothing else", async () => {
    const error = await failure(findCandidates(folder));
    expect(error.code).toBe("routing/no-candidates");
    expect(error.next).toMatchObject([{ operation: "routing.assess" }]);
    await writeCandidates(inFolder("routing_candidates.csv"), rows, "csv");
    expect((await findCandidates(folder)).file).toBe(inFolder("routing_candidates.csv"));
    rmSync(inFolder("routing_candidates.csv"));
    await writeCandidates(inFolder("routing_candidates.parquet"), rows, "parquet");
    expect((await findCandidates(folder)).file).toBe(inFolder("routing_candidates.parquet"));
  });

  it("accepts two with the same rows, and refuses two with different ones", async () => {
    await writeCandidates(inFolder("routing_candidates.parquet"), rows, "parquet");
    await writeCandidates(inFolder("routing_candidates.csv"), rows, "csv");
    expect((await findCandidates(folder)).candidates).toHaveLength(rows.length);
    await writeCandidates(inFolder("routing_candidates.csv"), rows.slice(1), "csv");
    const error = await failure(findCandidates(folder));
    expect(error.code).toBe("routing/two-candidate-files");
    expect(error.message).toContain(`${rows.length} and ${rows.length - 1}`);
  });

  it("refuses two if only the bad rows differ", async () => {
    await writeCandidates(inFolder("routing_candidates.parquet"), rows, "parquet");
    await writeCandidates(inFolder("routing_candidates.csv"), rows, "csv");
    const text = readFileSync(inFolder("routing_candidates.csv"), "utf8");
    writeFileSync(inFolder("routing_candidates.csv"), `${text}late,zz,,many${",".repeat(16)}\n`);
    expect((await failure(findCandidates(folder))).code).toBe("routing/two-candidate-files");
  });

  it("creates the folder it writes to", async () => {
    await writeCandidates(inFolder("metrics/routing/routing_candidates.parquet"), rows, "parquet");
    expect(existsSync(inFolder("metrics/routing/routing_candidates.parquet"))).toBe(true);
    mkdirSync(inFolder("taken"));
    await failure(writeCandidates(inFolder("taken"), rows, "parquet"));
    expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
  });
});

describe("the digest of candidates", () => {
  it("covers their content: not order, time or commit", () => {
    const digest = candidatesDigest(rows);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(candidatesDigest([...rows].reverse())).toBe(digest);
    expect(candidatesDigest(rows.map((row) => ({ ...row, timestamp: "2020-01-01", git_commit: "abc" })))).toBe(digest);
  });

  it("changes with every other column", () => {
    const base = candidate({ symbol: "UA" });
    const digest = candidatesDigest([base]);
    const changes = {
      target: "x",
      symbol: "x",
      mode: "CROSS_SECTIONAL",
      score: 0.71,
      score_ci_low: 0.1,
      score_ci_high: 0.9,
      metric_name: "r2",
      task_type: "regression",
      stability: "UNKNOWN",
      stability_metrics: metrics,
      sample_size: 1,
      effective_sample_size: 1,
      leakage_status: "SUSPECT",
      feature_set_id: "x",
      successful_model_families: 1,
      failed_model_families: 1,
      model_status: "UNKNOWN",
      evidence_digest: "x",
    } as const;
    expect(Object.keys(changes)).toHaveLength(Object.keys(base).length - 2);
    for (const [column, value] of Object.entries(changes))
      expect(candidatesDigest([{ ...base, [column]: value }]), column).not.toBe(digest);
  });
});
