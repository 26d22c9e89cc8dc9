import { describe, expect, it } from "vitest";
import { AppError } from "../../contract/errors.ts";
import { jobError } from "./job-error.ts";
import type { JobResult } from "./run-job.ts";

const failed: JobResult = {
  ...{ state: "failed", attempt: 1, isAttached: false, exit: undefined, outputs: [], brokenOutputs: [] },
  ...{ lastError: undefined, garbageLines: 0, outputTail: "" },
};

describe("the error of a job that didn't report one", () => {
  const traceback = `${"early line\n".repeat(20)}Traceback (most recent call last):\n  File "train.py", line 3\n\u001b[31mValueError: rows differ\u001b[0m\n\n`;

  it("shows the last lines of the job's output in its message", () => {
    const message = jobError("Training", { ...failed, outputTail: traceback })?.message ?? "";
    expect(message).toMatch(/^Training failed: /);
    expect(message).toMatch(
      /Traceback \(most recent call last\):\n {2}File "train.py", line 3\nValueError: rows differ$/,
    );
    expect(message.split("\n")).toHaveLength(7);
  });

  it("also if the process vanished, or left no output file", () => {
    const lost = jobError("Training", { ...failed, state: "lost", outputTail: traceback });
    const missing = jobError("Training", { ...failed, brokenOutputs: ["outputs/a"], outputTail: traceback });
    for (const error of [lost, missing]) expect(error?.message).toContain("ValueError: rows differ");
  });

  it("says so if it printed nothing, and cuts a long line", () => {
    expect(jobError("Training", failed)?.message).toMatch(/It printed nothing\.$/);
    const long = jobError("Training", { ...failed, outputTail: "x".repeat(5_000) });
    expect(long?.message.length).toBeLessThan(400);
  });

  it("is the job's own error where it reported one", () => {
    const lastError = new AppError({ code: "training/failed", message: "The column a is empty." });
    expect(jobError("Training", { ...failed, lastError, outputTail: traceback })?.message).toBe(
      "The column a is empty.",
    );
  });
});
