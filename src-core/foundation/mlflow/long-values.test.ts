import { describe, expect, it } from "vitest";
import { sha256 } from "../files/digest.ts";
import type { BatchContent } from "./batch.ts";
import { shortened, type ValueCalls, withLongValues } from "./long-values.ts";

const columns = JSON.stringify(Array.from({ length: 800 }, (_, i) => `column_${i}`));

/** Calls that keep what they were given, in order. */
function kept() {
  const done: unknown[] = [];
  const calls = {
    logBatch: async (batch: unknown) => void done.push(["log", batch]),
    setTags: async () => undefined,
    createRun: async (wanted: unknown) => {
      done.push(["create", wanted]);
      return { runId: "new" };
    },
  } as unknown as ValueCalls;
  const uploadText = async (upload: unknown) => void done.push(["upload", upload]);
  return { done, calls: withLongValues(calls, { uploadText }) };
}

describe("a value that MLflow can't store", () => {
  it("becomes an artifact, and the parameter or tag has its digest and the place", () => {
    const content: BatchContent = {
      params: { model_type: "ridge", "train.feature.columns": columns },
      tags: { note: "x".repeat(8_001), short: "x".repeat(8_000) },
    };
    const { short, long } = shortened(content);
    const [param, tag] = long;
    expect(long).toHaveLength(2);
    expect(param).toEqual({
      artifactPath: `long_values/params/train.feature.columns-${sha256(columns).slice(0, 12)}.txt`,
      text: columns,
    });
    expect(short.params).toEqual({
      model_type: "ridge",
      "train.feature.columns": `sha256:${sha256(columns)} (${columns.length} characters, in the artifact ${param?.artifactPath})`,
    });
    expect(tag?.artifactPath).toMatch(/^long_values\/tags\/note-/);
    expect(short.tags?.short).toBe("x".repeat(8_000));
  });

  it("is found by its characters, not their code units, and stays if it fits", () => {
    expect(shortened({ params: { plane: "🛫".repeat(6_000) } }).long).toEqual([]);
    expect(shortened({ params: { plane: "🛫".repeat(6_001) } }).long).toHaveLength(1);
    expect(shortened({ metrics: [] })).toEqual({ short: { metrics: [] }, long: [] });
  });

  it("has a name of its own for each key, whatever characters a key has", () => {
    const params = { "a/b c": "1".repeat(7_000), "a:b c": "2".repeat(7_000) };
    const paths = shortened({ params }).long.map(({ artifactPath }) => artifactPath);
    expect(new Set(paths).size).toBe(2);
    for (const path of paths) expect(path).toMatch(/^long_values\/params\/[A-Za-z0-9._-]+\.txt$/);
  });

  it("is uploaded before it is logged, and after the run exists", async () => {
    const { done, calls } = kept();
    await calls.logBatch({ runId: "r", params: { columns } });
    await calls.setTags("r", { note: "x".repeat(9_000) });
    await calls.createRun({
      experimentId: "1",
      name: "n",
      requestId: "q",
      startTimeMs: 0,
      tags: { columns: "y".repeat(9_000) },
    });
    const kinds = done.map((one) => (one as readonly string[])[0]);
    expect(kinds).toEqual(["upload", "log", "upload", "log", "create", "upload"]);
    expect(JSON.stringify(done[1])).toContain(`sha256:${sha256(columns)}`);
  });
});
