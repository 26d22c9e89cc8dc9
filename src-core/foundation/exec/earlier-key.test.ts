import { describe, expect, test } from "vitest";
import type { JobSpec } from "../../contract/trainer/job-specs.ts";
import { sha256 } from "../files/digest.ts";
import { jsonText } from "../files/durable.ts";
import { earlierKey } from "./earlier-key.ts";
import type { JobSource } from "./place.ts";

const runDir = "/home/ada/shop/.signalbox/runs/r1";
const python = { python: "/home/ada/.signalbox/python/e1/bin/python", digest: "e1", pythonMinor: "3.13" };
const model: JobSource = { path: "inputs/model", from: `${runDir}/evaluate/model`, sha256: "m" };
const rows: JobSource = {
  path: "inputs/reference.parquet",
  from: "/home/ada/shop/data/reference.parquet",
  sha256: "d",
};

/** An evaluation's specification with these names for its files; a text that looks like none of them stays. */
const specWith = (names: {
  readonly model: string;
  readonly rows: string;
  readonly predictions: string;
  readonly outputs: string;
  readonly events: string;
}): JobSpec => ({
  ...{ schema: 1, run_id: "r1", threads: 2, model_dir: names.model, model_type: "ridge", expected_digest: "m" },
  ...{ task: "regression", target: "inputs", positive_class: null, primary_key: ["id"], contract: { columns: {} } },
  sets: [{ name: "reference", path: names.rows, predictions_path: names.predictions }],
  ...{ output_dir: names.outputs, events_path: names.events },
});

describe("the key of a job from before its files were named by its folder", () => {
  const folder = `${runDir}/evaluate`;
  const job = {
    ...{ command: "evaluate", runDir, jobId: "evaluate", python, inputs: [rows], parts: [model] },
    expectedOutputs: ["outputs/evaluation.json", "outputs/reference.parquet"],
  };
  const spec = specWith({
    ...{ model: model.path, rows: rows.path, predictions: "outputs/reference.parquet" },
    ...{ outputs: "outputs", events: "events.jsonl" },
  });

  test("is what that version made of it: absolute paths, and the interpreter's", () => {
    const then = specWith({
      ...{ model: model.from, rows: rows.from, predictions: `${folder}/outputs/reference.parquet` },
      ...{ outputs: `${folder}/outputs`, events: `${folder}/events.jsonl` },
    });
    const argv = [python.python, "-m", "signalbox_trainer", "evaluate", `${folder}/spec.json`];
    const inputs = [
      [rows.from, rows.sha256],
      [`${folder}/spec.json`, sha256(jsonText(then))],
    ];
    const key = sha256(JSON.stringify(["evaluate", argv, runDir, inputs, job.expectedOutputs])).slice(0, 32);
    expect(earlierKey(job, spec, "inputs/project")).toBe(key);
  });

  test("is another one for other rows, another model or another environment", () => {
    const keyOf = (more: Partial<typeof job>) => earlierKey({ ...job, ...more }, spec, "inputs/project");
    const keys = [
      keyOf({}),
      keyOf({ inputs: [{ ...rows, sha256: "d2" }] }),
      keyOf({ parts: [{ ...model, from: "/elsewhere" }] }),
      keyOf({ python: { ...python, python: "/home/ada/.signalbox/python/e2/bin/python" } }),
    ];
    expect(new Set(keys).size).toBe(4);
  });
});
