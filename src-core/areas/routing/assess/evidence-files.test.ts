import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { newFolder } from "../../../../test/support/split-project.ts";
import { evidencePaths, readFold, readPrepared, readSelected } from "./evidence-files.ts";

const folder = newFolder();
let files = 0;
function file(content: unknown): string {
  files += 1;
  const at = path.join(folder, `${files}.json`);
  writeFileSync(at, typeof content === "string" ? content : JSON.stringify(content));
  return at;
}

const signature = "s1";
const fold = {
  ...{ signature, fold: 0, rows_train: 80, rows_test: 20, fit_seconds: 0.1, peak_memory_bytes: null },
  ...{ importances: { a: 1 }, score: null },
};
const prepared = { signature, rows: 10, groups: null, folds: 2, effective_sample_size: null, single_features: [] };

describe("a result of a worker", () => {
  test("counts only under its own signature", () => {
    const at = file(fold);
    expect(readFold(at, signature)).toEqual(fold);
    expect(readFold(at, "another")).toBeUndefined();
  });

  test.each(["", "{", "null", "[]", "7", JSON.stringify({ signature }), JSON.stringify({ ...fold, score: "0.5" })])(
    "that is %j is none",
    (text) => {
      expect(readFold(file(text), signature)).toBeUndefined();
    },
  );

  test("is missing if there is no file", () => {
    expect(readFold(path.join(folder, "absent.json"), signature)).toBeUndefined();
  });

  test("may be a failure, with its code and message", () => {
    const error = { code: "training/failed", message: "one class only" };
    expect(readFold(file({ signature, fold: 0, error }), signature)).toMatchObject({ error });
    expect(readSelected(file({ signature, error }), signature)).toMatchObject({ error });
    expect(readSelected(file({ signature, features: ["b", "a"] }), signature)).toEqual({
      signature,
      features: ["b", "a"],
    });
  });
});

describe("what single features reveal", () => {
  const single = (it: object) => readPrepared(file({ ...prepared, single_features: [it] }), signature)?.single_features;

  test("is a value's score, or how rows without it differ", () => {
    expect(single({ feature: "a", kind: "value", score: 0.6 })).toEqual([
      { feature: "a", kind: "value", score: 0.6, missing: null },
    ]);
    const detail = { missing_rows: 30, class: true, base_rate: 0.1 };
    expect(single({ feature: "a", kind: "missing", score: 1, detail })).toEqual([
      { feature: "a", kind: "missing", score: 1, missing: { missing_rows: 30, class: "true", base_rate: 0.1 } },
    ]);
  });

  test("of a number has no class", () => {
    expect(single({ feature: "a", kind: "missing", score: 0.2, detail: null })?.[0]?.missing).toBeNull();
    expect(single({ feature: "a", kind: "missing", score: 0.2, detail: { missing_rows: 3 } })?.[0]?.missing).toBeNull();
  });
});

test("each view has a folder of its own, and in it each family", () => {
  const [one, other] = ["a".repeat(64), "b".repeat(64)].map((it) => evidencePaths("/e", it));
  expect(one?.folder).toBe(`/e/${"a".repeat(32)}`);
  expect(one?.folder).not.toBe(other?.folder);
  const places = ["c", "d"].flatMap((it) => [0, 1].map((number) => one?.fold(it.repeat(64), number)));
  expect(new Set(places).size).toBe(4);
  expect(one?.heldOut("c".repeat(64), 1)).toBe(one?.fold("c".repeat(64), 1).replace(".json", ".parquet"));
});
