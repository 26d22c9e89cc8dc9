import { describe, expect, it } from "vitest";
import type { EvaluatedSet, GateRow, SideFact } from "../../../contract/runs/stage-results.ts";
import { compareExecutions, type Execution } from "./reproduce-compare.ts";
import { exact, outcomeOf } from "./reproduce-rows.ts";

const side = (letter: string): SideFact => ({
  path: `${letter}.parquet`,
  sha256: letter.repeat(64),
  sizeBytes: 1,
  rows: 10,
  rowDigest: letter.repeat(32),
});
const file = (letter: string) => ({ path: letter, sha256: letter.repeat(64), sizeBytes: 1 });
const versioned = (path: string) => ({ path, dvcFile: `${path}.dvc`, hash: "1".repeat(32), sizeBytes: 1, files: 1 });
const row: GateRow = {
  role: "primary",
  metric: "reference_mae",
  rule: "superiority",
  candidate: 1,
  production: 1,
  improvement: 0,
  low: 0,
  high: 0,
  p: 1,
  adjustedP: null,
  outcome: "undecided",
  note: null,
};
const measured = (value: number): EvaluatedSet["metrics"][string] => ({
  value,
  low: value - 1,
  high: value + 1,
  method: "bootstrap",
  confidence: 0.95,
  n: 10,
  note: null,
  whyNoInterval: null,
});

const execution: Execution = {
  split: {
    splitVersion: 1,
    masterSha256: "a".repeat(64),
    train: side("b"),
    reference: side("c"),
    optional: [{ name: "recent", ...side("d") }],
    skipped: [],
    manifest: file("e"),
    isReferenceNew: true,
    group: [],
    rowCounts: {},
    checks: [],
    warnings: [],
  },
  version: {
    master: [versioned("data/master.csv")],
    split: versioned("data/splits/v1"),
    reference: versioned("ref"),
    pushed: false,
  },
  train: {
    jobId: "train",
    modelDir: "model",
    modelDigest: "f".repeat(64),
    canonicalDigest: "0".repeat(64),
    canonicalNote: null,
    files: [],
    modelType: "ridge",
    trainedRows: 10,
    features: [],
    metrics: { train_mae: 0.1 },
    params: {},
    fitSeconds: 1,
    peakMemoryBytes: null,
  },
  evaluate: {
    modelUri: "runs:/r/model",
    modelDigest: "f".repeat(64),
    sets: [
      {
        name: "reference",
        kind: "reference",
        data: side("c"),
        predictions: file("9"),
        classes: [],
        unseenClasses: {},
        metrics: { mae: measured(3) },
      },
    ],
    referenceReadsBefore: 0,
  },
  gate: {
    verdict: "HOLD",
    reason: "a tie",
    rows: [row],
    rule: "bootstrap",
    gateHash: "8".repeat(64),
    n: 10,
    clusters: null,
    clusterBy: [],
    alpha: 0.05,
    replicates: 999,
    seed: 1,
    minimumDetectable: null,
    extraUnitsNeeded: null,
  },
  writer: "signalbox-split/1 with DuckDB 1.5.6",
  environment: { lock: "l", pythonMinor: "3.11" },
};

const compare = (again: Partial<Execution>, noGate: string | null = null) => {
  const rows = compareExecutions(execution, { ...execution, ...again }, { noGate });
  const of = (outcome: string) => rows.filter((it) => it.outcome === outcome).map((it) => `${it.kind} ${it.name}`);
  return { ...outcomeOf(rows), rows, different: of("different"), foreign: of("not comparable") };
};
const { train, evaluate, split, gate } = execution;

/** Two executions that are equal but for their gates' rows. */
const compareRows = (was: readonly GateRow[], is: readonly GateRow[]) => {
  const withRows = (rows: readonly GateRow[]): Execution =>
    gate === undefined ? execution : { ...execution, gate: { ...gate, rows: [...rows] } };
  const rows = compareExecutions(withRows(was), withRows(is), { noGate: null });
  const different = rows.filter((it) => it.outcome === "different");
  return { ...outcomeOf(rows), differences: different.map((it) => `${it.name}: ${it.original} | ${it.again}`) };
};

describe("two executions of one run", () => {
  it("that are equal are reproduced, digest by digest", () => {
    const { outcome, rows } = compare({});
    expect(outcome).toBe("reproduced");
    expect(rows.map((it) => it.kind)).toEqual(
      expect.arrayContaining([
        "environment",
        "file",
        "row digest",
        "manifest",
        "DVC digest",
        "model",
        "prediction file",
        "metric",
        "gate row",
      ]),
    );
  });

  it("differ by the last bit of one figure, by a sign of zero, and by a missing figure", () => {
    const metrics = { train_mae: 0.1 + 2 ** -56 };
    expect(compare({ train: { ...train, metrics } }).different).toEqual(["metric train_mae"]);
    expect(exact(-0)).not.toBe(exact(0));
    expect(compare({ train: { ...train, metrics: {} } })).toMatchObject({
      outcome: "different",
      different: ["metric train_mae"],
    });
  });

  it("differ by a bound of an interval and by a key of a gate's row, and the row says which", () => {
    const sets = evaluate.sets.map((set) => ({ ...set, metrics: { mae: { ...measured(3), low: 2.5 } } }));
    expect(compare({ evaluate: { ...evaluate, sets } }).different).toEqual(["metric reference_mae"]);
    const rows = [{ ...row, p: 0.5, outcome: "pass" as const }];
    const found = compare({ gate: gate === undefined ? gate : { ...gate, rows } });
    expect(found.different).toEqual(["gate row primary reference_mae"]);
    expect(found.rows.find((it) => it.outcome === "different")).toMatchObject({
      original: "p 1, outcome undecided",
      again: "p 0.5, outcome pass",
    });
  });

  it("are equal in a gate's row that a later version tells more of", () => {
    const rows = [{ ...row, minimumDetectable: 0.1, extraUnitsNeeded: 7 }];
    const found = compare({ gate: gate === undefined ? gate : { ...gate, rows } });
    expect(found.outcome).toBe("reproduced");
    expect(found.rows.find((it) => it.name === "primary reference_mae")).toMatchObject({ original: "undecided" });
  });

  it("are compared in each of two guardrails on one metric", () => {
    const absolute: GateRow = { ...row, role: "guardrail", rule: "≤ 0.5 worse", outcome: "pass" };
    const relative: GateRow = { ...absolute, rule: "≤ 5 % worse" };
    const was = [row, absolute, relative];
    expect(compareRows(was, was).outcome).toBe("reproduced");
    expect(compareRows(was, [row, { ...absolute, rule: "≤ 0.4 worse" }, relative]).differences).toEqual([
      "guardrail reference_mae: rule ≤ 0.5 worse | rule ≤ 0.4 worse",
    ]);
    expect(compareRows(was, [row, absolute, { ...relative, note: "few rows" }]).differences).toEqual([
      "guardrail reference_mae (2): note null | note few rows",
    ]);
    expect(compareRows(was, [row, absolute]).outcome).toBe("different");
    expect(compareRows(was, [...was, relative]).outcome).toBe("different");
  });

  it("are compared in every member that the record has, and a text is not the number it spells", () => {
    const full: GateRow = {
      ...{ ...row, minimumDetectable: 0.1, extraUnitsNeeded: 7, threshold: 60, boundAbsolute: 0, boundRelative: 0.05 },
      ...{ isBoundStrict: true, missingShare: 0, isProductionRescored: false, locks: "HOLD" },
    };
    const changed: Readonly<Record<keyof GateRow, unknown>> = {
      ...{ role: "guardrail", metric: "reference_rmse", rule: "≥ 0.8", candidate: 2, production: 2, improvement: 1 },
      ...{ low: 1, high: 1, p: 0.5, adjustedP: 1, minimumDetectable: null, extraUnitsNeeded: "7" },
      ...{ threshold: 50, boundAbsolute: 1, boundRelative: 0.1, isBoundStrict: false, missingShare: 0.5 },
      ...{ isProductionRescored: true, locks: "REJECT", outcome: "pass", note: "few rows" },
    };
    expect(compareRows([full], [{ ...full }]).outcome).toBe("reproduced");
    for (const [member, value] of Object.entries(changed)) {
      // What no version writes must be told apart too.
      const other = { ...full, [member]: value } as GateRow;
      expect(compareRows([full], [other]).outcome, member).toBe("different");
      const { [member as keyof GateRow]: _, ...less } = full;
      expect(compareRows([full], [less as GateRow]).outcome, `without ${member}`).toBe("different");
    }
  });

  it("differ by a member within a member, which a later version may bring", () => {
    const withBounds = (absolute: number) => ({ ...row, bounds: { absolute, relative: 0 } });
    expect(compareRows([withBounds(1)], [withBounds(1)]).outcome).toBe("reproduced");
    expect(compareRows([withBounds(1)], [withBounds(2)]).outcome).toBe("different");
    expect(compareRows([row], [withBounds(2)]).outcome).toBe("reproduced");
  });

  it("are equal in a tie, whose improvement of minus zero the record keeps as zero", () => {
    expect(compareRows([{ ...row, improvement: 0 }], [{ ...row, improvement: -0 }]).outcome).toBe("reproduced");
  });

  it("with another lock aren't comparable in Python's results, but in the data", () => {
    const environment = { lock: "m", pythonMinor: "3.12" };
    const other = { ...train, canonicalDigest: "5".repeat(64), metrics: { train_mae: 0.2 } };
    const found = compare({ environment, train: other });
    expect(found).toMatchObject({ outcome: "not comparable", different: [] });
    expect(found.foreign).toEqual([
      "environment lock",
      "environment python",
      "model canonical files",
      "metric train_mae",
    ]);
    const moved = { ...split, train: { ...split.train, rowDigest: "0" } };
    expect(compare({ environment, split: moved })).toMatchObject({
      outcome: "different",
      different: ["row digest train"],
    });
  });

  it("of a model type whose bytes vary say so, and its predictions decide", () => {
    const varying = { ...train, canonicalDigest: "5".repeat(64), canonicalNote: "it keeps a random state" };
    const found = compare({ train: varying });
    expect(found).toMatchObject({ outcome: "not comparable", foreign: ["model canonical files"] });
    expect(found.reason).toMatch(/it keeps a random state/);
  });

  it("whose files another DuckDB wrote are compared by their rows", () => {
    const moved = { ...split, train: { ...split.train, sha256: "0".repeat(64) } };
    const found = compare({ split: moved, writer: "signalbox-split/1 with DuckDB 1.6.0" });
    expect(found).toMatchObject({ outcome: "not comparable", foreign: ["file train"] });
    expect(compare({ split: moved }).different).toEqual(["file train"]);
  });

  it("whose splits another writer checked may list other checks of leakage, and nothing else", () => {
    const checked = (checks: string, metric = "leakage"): Execution["gate"] =>
      gate && { ...gate, rows: [{ ...row, role: "validity", metric, note: `none found (${checks})` }] };
    const writer = "signalbox-split/0 with DuckDB 1.5.6";
    const outcomes = (was: Partial<Execution>, is: Partial<Execution>) =>
      outcomeOf(compareExecutions({ ...execution, ...was }, { ...execution, ...is }, { noGate: null })).outcome;
    expect(outcomes({ gate: checked("a"), writer }, { gate: checked("a, b") })).toBe("not comparable");
    expect(outcomes({ gate: checked("a") }, { gate: checked("a, b") })).toBe("different");
    expect(outcomes({ gate: checked("a", "same rows"), writer }, { gate: checked("b", "same rows") })).toBe(
      "different",
    );
  });

  it("without the recorded opponent leave the gate out, with the reason", () => {
    const found = compare({ gate: undefined }, "its predictions are gone");
    expect(found.outcome).toBe("not comparable");
    expect(found.foreign).toEqual(["gate row verdict", "gate row hash", "gate row primary reference_mae"]);
    expect(found.reason).toMatch(/its predictions are gone/);
  });
});
