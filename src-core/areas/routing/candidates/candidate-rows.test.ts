import { describe, expect, it } from "vitest";
import { leakageSchema, modelStatusSchema, stabilitySchema } from "../../../contract/routing/routing-plans.ts";
import { type CandidateRows, candidateRows } from "./candidate-rows.ts";

type Row = Readonly<Record<string, unknown>>;

const plain: Row = { target: "late", symbol: "UA", score: 0.7, task_type: "classification" };

function read(
  rows: readonly Row[],
  columns: readonly string[] = [...new Set(rows.flatMap(Object.keys))],
): CandidateRows {
  return candidateRows({ rows, columns });
}

const one = (row: Row) => read([{ ...plain, ...row }]).candidates[0];
const problems = (row: Row) => read([{ ...plain, ...row }]).bad[0]?.problems.join("; ");

describe("a table with missing columns", () => {
  it("gets them as not measured or unknown, never as measured", () => {
    expect(read([{ target: "late", symbol: null, score: 0.7, metric_name: "roc_auc" }]).candidates).toEqual([
      {
        target: "late",
        symbol: null,
        mode: "CROSS_SECTIONAL",
        score: 0.7,
        score_ci_low: null,
        score_ci_high: null,
        metric_name: "roc_auc",
        task_type: "classification",
        stability: "NOT_MEASURED",
        stability_metrics: null,
        sample_size: null,
        effective_sample_size: null,
        leakage_status: "NOT_MEASURED",
        feature_set_id: null,
        successful_model_families: null,
        failed_model_families: null,
        model_status: "UNKNOWN",
        timestamp: null,
        git_commit: null,
        evidence_digest: null,
      },
    ]);
  });

  it("without successful_model_families has one if the models are OK", () => {
    expect(one({ model_status: "OK" })?.successful_model_families).toBe(1);
    expect(one({ model_status: "UNKNOWN" })?.successful_model_families).toBeNull();
    expect(one({ model_status: "OK", successful_model_families: null })?.successful_model_families).toBeNull();
    expect(one({ model_status: "OK", successful_model_families: 0 })?.successful_model_families).toBe(0);
  });

  it("derives task and metric from each other, else from the project, else the row is bad", () => {
    expect(one({ task_type: null, metric_name: "r2" })).toMatchObject({ task_type: "regression", metric_name: "r2" });
    expect(one({ task_type: "regression", metric_name: undefined })?.metric_name).toBe("r2");
    const bare = { target: "late", score: 0.7 };
    const taskOf = (target: string) => (target === "late" ? ("regression" as const) : undefined);
    expect(candidateRows({ rows: [bare], columns: ["target", "score"], taskOf }).candidates[0]?.metric_name).toBe("r2");
    expect(read([bare]).bad[0]?.problems[0]).toContain("neither task_type nor metric_name");
    expect(problems({ metric_name: "r2" })).toBe("metric_name is r2, which isn't a metric for classification");
  });

  it("names columns that aren't a candidate's, once", () => {
    expect(
      read([
        { ...plain, note: 1 },
        { ...plain, symbol: "AA", note: 2 },
      ]).unknownColumns,
    ).toEqual(["note"]);
  });
});

describe("symbol and mode", () => {
  it("a row without a symbol is the pooled view", () => {
    expect(one({ symbol: null, mode: "" })?.mode).toBe("CROSS_SECTIONAL");
    expect(one({})).toMatchObject({ symbol: "UA", mode: "SYMBOL_SPECIFIC" });
  });

  it("an empty symbol of a typed table is a segment if the mode says so, the pooled view if it says that, else bad", () => {
    expect(one({ symbol: "", mode: "SYMBOL_SPECIFIC" })).toMatchObject({ symbol: "", mode: "SYMBOL_SPECIFIC" });
    expect(one({ symbol: "", mode: "CROSS_SECTIONAL" })).toMatchObject({ symbol: null, mode: "CROSS_SECTIONAL" });
    expect(problems({ symbol: "" })).toContain("symbol is empty, and no mode says whether that is a segment");
    expect(problems({ symbol: "", mode: null })).toContain("make it null for the pooled view");
  });

  it("an empty segment of a CSV table is in quotes, and an empty field is the pooled view", () => {
    const csv = (symbol: string) =>
      candidateRows({ columns: ["target", "symbol"], rows: [{ ...plain, symbol }], isCsv: true }).candidates[0]?.symbol;
    expect(csv("")).toBeNull();
    expect(csv('""')).toBe("");
    expect(csv("CS")).toBe("CS");
    expect(csv('"half')).toBe('"half');
  });

  it("a mode that contradicts the symbol is bad", () => {
    expect(problems({ symbol: null, mode: "SYMBOL_SPECIFIC" })).toContain("there is no symbol");
    expect(problems({ mode: "CROSS_SECTIONAL" })).toContain("it has a symbol");
  });

  it("numbers name segments as their strings do", () => {
    expect(one({ symbol: 7n })?.symbol).toBe("7");
    expect(one({ symbol: 7 })?.symbol).toBe("7");
  });
});

describe("figures", () => {
  it.each([
    ["0", 0],
    [0, 0],
    ["0.0", 0],
    ["-0", 0],
    ["5e-1", 0.5],
    [" .5 ", 0.5],
    ["", null],
    [null, null],
  ])("a score of %j is %j", (text, score) => {
    expect(one({ score: text })?.score).toBe(score);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, "nan", "inf", "-Infinity", "None", "0,5", true, "1e999", "0x1"])(
    "a score of %s is bad",
    (score) => {
      expect(problems({ score })).toMatch(/^score is .*; expected a finite number$/);
    },
  );

  it("a score its metric can't have is bad", () => {
    expect(problems({ score: 1.2 })).toBe("score is 1.2; roc_auc is from 0 to 1");
    expect(problems({ score: -0.1 })).toContain("roc_auc");
    expect(problems({ score: 1.2, task_type: "regression" })).toBe("score is 1.2; r2 is at most 1");
    expect(problems({ score: -7, task_type: "regression" })).toBeUndefined();
    expect(problems({ score_ci_low: 0.8, score_ci_high: 0.6 })).toContain("above score_ci_high");
  });

  it.each([
    ["5000", 5000],
    ["5000.0", 5000],
    [5000n, 5000],
    [5000, 5000],
  ])("a sample of %s is %d", (text, size) => {
    expect(one({ sample_size: text })?.sample_size).toBe(size);
  });

  it.each([-1, 0.5, "many", "-3", 2 ** 60])("a sample of %s is bad", (sample_size) => {
    expect(problems({ sample_size })).toContain("expected a whole number from 0");
  });

  it("a negative effective sample size is bad", () => {
    expect(problems({ effective_sample_size: -1 })).toContain("at least 0");
  });
});

describe("enumerations", () => {
  it.each([
    ["stability", stabilitySchema.options],
    ["leakage_status", leakageSchema.options],
    ["model_status", modelStatusSchema.options],
  ] as const)("%s: every value is read, a typo is bad and names the allowed", (column, allowed) => {
    for (const value of allowed) expect(one({ [column]: value })?.[column]).toBe(value);
    const [first = ""] = allowed;
    const typo = `${first}X`;
    expect(problems({ [column]: typo })).toBe(
      `${column} is "${typo}"; expected one of ${allowed.join(", ")} — did you mean \`${first}\`?`,
    );
    expect(problems({ [column]: first.toLowerCase() })).toContain("expected one of");
  });

  it.each(["mode", "task_type", "metric_name"])("%s: a typo is bad", (column) => {
    expect(problems({ [column]: "x" })).toContain(`${column} is "x"; expected one of`);
  });
});

describe("stability metrics", () => {
  const metrics = { snapshots: 3, mean_overlap: 0.8, std_overlap: 0.1, mean_tau: null, std_tau: null };
  it("may be a structure or a JSON string", () => {
    expect(one({ stability_metrics: metrics })?.stability_metrics).toEqual(metrics);
    expect(one({ stability_metrics: JSON.stringify(metrics) })?.stability_metrics).toEqual(metrics);
    expect(one({ stability_metrics: { ...metrics, snapshots: 3n } })?.stability_metrics).toEqual(metrics);
    expect(one({ stability_metrics: "null" })?.stability_metrics).toBeNull();
  });

  it("without the number of snapshots count as two, if they have an overlap", () => {
    expect(one({ stability_metrics: '{"mean_overlap": 0.8, "mean_tau": 0.7}' })?.stability_metrics).toEqual({
      snapshots: 2,
      mean_overlap: 0.8,
      std_overlap: null,
      mean_tau: 0.7,
      std_tau: null,
    });
    expect(one({ stability_metrics: "{}" })?.stability_metrics?.snapshots).toBe(0);
  });

  it("that aren't a structure are bad", () => {
    for (const bad of ["{", "[1]", "7", 7])
      expect(problems({ stability_metrics: bad })).toContain("an object of figures");
    expect(problems({ stability_metrics: { ...metrics, mean_tau: Number.NaN } })).toContain(
      "stability_metrics.mean_tau is NaN",
    );
  });
});

describe("a bad row", () => {
  it("is reported by its key with all of its problems, and the others are used", () => {
    const { candidates, bad } = read([
      { ...plain, score: Number.NaN, sample_size: -1 },
      { ...plain, symbol: "AA" },
      { ...plain, target: null },
    ]);
    expect(candidates.map(({ symbol }) => symbol)).toEqual(["AA"]);
    expect(bad.map(({ key, problems }) => `${key}: ${problems.length}`)).toEqual(["late/UA: 2", "row 3: 1"]);
  });

  it("is each of two rows with the same target and symbol", () => {
    const { candidates, bad } = read([
      plain,
      { ...plain, symbol: "AA" },
      { ...plain, score: 0.1 },
      { ...plain, symbol: "", mode: "CROSS_SECTIONAL" },
      { ...plain, symbol: null },
    ]);
    expect(candidates.map(({ symbol }) => symbol)).toEqual(["AA"]);
    expect(bad).toEqual([
      { key: "late/UA", problems: ["the row occurs 2 times"] },
      { key: "late/CS", problems: ["the row occurs 2 times"] },
    ]);
  });
});
