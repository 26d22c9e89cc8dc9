import { describe, expect, test } from "vitest";
import { recordedSpec, steadySpec } from "../../../../test/support/recorded/recorded-specs.ts";
import type { Family } from "../policy/targets.ts";
import { aView, delay, family, viewInput } from "../testing/measured-views.ts";
import { familySignature, foldTask, prepareTask, selectTask, type ViewInput, viewTask } from "./view-task.ts";

const input = viewInput();
const signature = (more: Partial<ViewInput> = {}) => viewTask({ ...input, ...more }).signature;

describe("a view's signature", () => {
  test("is the same for an equal view, wherever the project is", () => {
    expect(aView().signature).toBe(signature());
    expect(signature({ trainFile: "/elsewhere.parquet", root: "/evidence" })).toBe(signature());
  });

  test("doesn't depend on the families, the gate or the horizon: they don't change any row", () => {
    expect(signature({ target: delay([family("mlp")]) })).toBe(signature());
    expect(signature({ target: { ...delay(), promotion: "configs/other.yaml", horizonMinutes: 60 } })).toBe(
      signature(),
    );
  });

  const { configs, pooled, features } = input;
  const others: readonly (readonly [string, Partial<ViewInput>])[] = [
    ["segment", { segment: { column: "carrier", value: "UA" } }],
    ["data", { pooled: { ...pooled, train: { ...pooled.train, sha256: "b".repeat(64) } } }],
    ["features", { features: { ...features, features: ["a", "b"] } }],
    ["environment", { environment: "another" }],
    ["selection", { selection: { method: "importance", top_n: 3, seeds: [1] } }],
    ["target's column", { target: { ...delay(), column: "a" } }],
    ["SQL", { target: { ...delay(), sql: "a + 1" } }],
    ["task", { target: { ...delay(), task: "binary", metric: "roc_auc" } }],
    ["positive class", { target: { ...delay(), positiveClass: "late" } }],
    [
      "folds",
      { configs: { ...configs, split: { ...configs.split, value: { ...configs.split.value, salt: "another" } } } },
    ],
    [
      "column types",
      {
        configs: {
          ...configs,
          dataContract: {
            ...configs.dataContract,
            value: {
              ...configs.dataContract.value,
              columns: {
                ...configs.dataContract.value.columns,
                a: { type: "string", non_nullable: false, known: "before" },
              },
            },
          },
        },
      },
    ],
  ];
  test.each(others)("changes with %s", (_, more) => {
    expect(signature(more)).not.toBe(signature());
  });

  test("changes for each of these", () => {
    expect(new Set(others.map(([, more]) => signature(more))).size).toBe(others.length);
  });
});

describe("a family's signature", () => {
  const view = viewTask(input);
  const of = (more: Partial<Family>) => familySignature(view, { ...family("ridge"), ...more });

  test("covers what is fitted: type, parameters and seed, on this view", () => {
    expect(of({ params: { alpha: 1 } })).not.toBe(of({}));
    expect(of({ seed: 7 })).not.toBe(of({}));
    expect(of({ type: "mlp" })).not.toBe(of({}));
    expect(familySignature(viewTask({ ...input, environment: "another" }), family("ridge"))).not.toBe(of({}));
  });

  test("doesn't depend on its name, stage or device", () => {
    expect(of({ name: "my ridge", stage: 2, device: "gpu" })).toBe(of({}));
  });
});

describe("a task", () => {
  const view = viewTask({ ...input, segment: { column: "carrier", value: "UA" } });

  test("gives the worker the view, its contract with the target non-nullable, and the folds", () => {
    expect(prepareTask(view)).toMatchObject({
      kind: "prepare",
      signature: view.signature,
      out: view.paths.prepared,
      project_dir: input.projectDir,
      view: { path: input.trainFile, segment: { column: "carrier", value: "UA" }, target: "delay", task: "regression" },
      contract: { target: "delay", columns: { delay: { type: "float", non_nullable: true } } },
      feature: { numeric: [{ columns: ["a"] }] },
      folds: { strategy: "group", group: ["day"], max: 5, salt: "s" },
    });
  });

  test("on a fold has a seed of its own for its importances", () => {
    const seeds = [0, 1].map((fold) => foldTask(view, family("ridge"), fold).importance);
    expect(seeds).toEqual([
      { method: "auto", seed: 42, max_rows: 2_000 },
      { method: "auto", seed: 43, max_rows: 2_000 },
    ]);
    expect(foldTask(view, family("ridge"), 3)).toMatchObject({
      kind: "fold",
      fold: 3,
      family: { name: "ridge", type: "ridge", params: {}, seed: 42 },
      out: view.paths.fold(familySignature(view, family("ridge")), 3),
    });
  });

  test("that selects features gets the method", () => {
    const selection = { method: "permutation" as const, top_n: 2, seeds: [1, 2] };
    const selecting = viewTask({ ...input, selection });
    expect(selectTask(selecting, family("ridge"), selection)).toMatchObject({
      kind: "select",
      out: selecting.paths.selected,
      selection: { method: "permutation", top_n: 2, seeds: [1, 2] },
    });
  });

  test("is the recorded one, word for word: the trainer's tests read it", async () => {
    const selection = { method: "importance" as const, top_n: 1, seeds: [1, 2] };
    const positive = { task: "binary" as const, metric: "roc_auc" as const, positiveClass: "late" };
    const task = viewTask({
      ...input,
      target: { ...delay(), ...positive },
      segment: { column: "carrier", value: "UA" },
      selection,
    });
    const tasks = {
      prepare: prepareTask(view),
      fold: foldTask(task, family("ridge", { params: { alpha: 0.5 } }), 2),
      select: selectTask(task, family("ridge"), selection),
    };
    for (const [kind, task] of Object.entries(tasks)) {
      const text = steadySpec(`${JSON.stringify({ ...task, id: "1" }, null, 2)}\n`, input.projectDir);
      await expect(text).toMatchFileSnapshot(recordedSpec(kind));
    }
  });

  test("on a computed target names a column of the target's own", () => {
    const target = { ...delay(), name: "late", column: "late", sql: "delay > 15", task: "binary" as const };
    const { contract } = viewTask({ ...input, target }).base;
    expect(contract).toMatchObject({ target: "late", columns: { late: { type: "bool", known: "after" } } });
  });
});
