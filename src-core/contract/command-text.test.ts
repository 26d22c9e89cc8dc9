import { describe, expect, it } from "vitest";
import { askingStep, nextStep, programStep } from "./build-step.ts";
import { commandLines, commandText, hintText } from "./command-text.ts";
import { declaredForm } from "./declared-forms.ts";
import { nextStepSchema } from "./next-step-schema.ts";

const runId = "8ec5cb08d1f64b0d9a3f6f2f9d1b4c7e";
const digest = "3f2a".repeat(16);
const textOf = (step: Parameters<typeof commandText>[0]) => commandText(step, declaredForm);

describe("the command of a step", () => {
  it("is the operation's words, its positionals and its options", () => {
    expect(textOf(nextStep("environment.collect", {}, ""))).toBe("signalbox gc");
    expect(textOf(nextStep("runs.stage", { name: "split", run: "latest", force: true }, ""))).toBe(
      "signalbox stage split --run latest --force",
    );
    expect(textOf(nextStep("runs.start", { promote: false, set: { split_version: "2" }, seed: 7 }, ""))).toBe(
      "signalbox run --no-promote --set split_version=2 --seed 7",
    );
    expect(textOf(nextStep("routing.train", { legacyPlan: "old plan.json" }, ""))).toBe(
      "signalbox train --legacy-plan 'old plan.json'",
    );
  });

  it("names a run by eight characters, a digest by twelve", () => {
    expect(textOf(nextStep("runs.resume", { run: runId }, ""))).toBe("signalbox runs resume 8ec5cb08");
    expect(textOf(nextStep("environment.remove", { digest, yes: true }, ""))).toBe(
      "signalbox env remove 3f2a3f2a3f2a --yes",
    );
  });

  it("leaves open what only the person knows", () => {
    expect(textOf(askingStep("projects.init", { input: {}, asks: ["dir", "table", "target"] }, ""))).toBe(
      "signalbox init DIR --table FILE --target COLUMN",
    );
    expect(textOf(askingStep("promotion.override", { input: { run: runId }, asks: ["reason"] }, ""))).toBe(
      "signalbox promotion override 8ec5cb08 --reason REASON",
    );
  });

  it("takes as an option what stands behind an open position, and guards what looks like one", () => {
    expect(textOf(nextStep("routing.planDiff", { to: "abc" }, ""))).toBe("signalbox plan diff --to abc");
    expect(textOf(nextStep("data.checkout", { paths: ["-x"], force: true }, ""))).toBe(
      "signalbox data checkout --force -- -x",
    );
  });

  it("is quoted for a shell", () => {
    expect(textOf(nextStep("data.add", { paths: ["my data", "it's", "#3"] }, ""))).toBe(
      `signalbox data add 'my data' 'it'\\''s' '#3'`,
    );
    expect(textOf(programStep(["git", "commit", "-m", "Stop tracking"], ""))).toBe("git commit -m 'Stop tracking'");
  });

  it("is none for an operation that isn't known", () => {
    const unknown = { operation: "made.up", input: {}, why: "x" };
    expect(textOf(unknown)).toBeUndefined();
    expect(commandLines([unknown, nextStep("runs.status", {}, "shows what runs")], declaredForm)).toEqual([
      "signalbox status   # shows what runs",
    ]);
  });
});

describe("a hint's text", () => {
  it("is the advice, then the commands; null where there is neither", () => {
    const next = [nextStep("environment.collect", {}, "shows what it can free")];
    expect(hintText({ hint: "Free space.", next }, declaredForm)).toBe(
      "Free space.\nsignalbox gc   # shows what it can free",
    );
    expect(hintText({ hint: null }, declaredForm)).toBeNull();
  });
});

it("a step has one form in results and in errors", () => {
  const steps = [
    askingStep("runs.stage", { input: { name: "split" }, asks: ["run"] }, "does it again"),
    programStep(["cd", "demo"], "goes there"),
  ];
  for (const step of steps) expect(nextStepSchema.parse(step)).toEqual(step);
});
