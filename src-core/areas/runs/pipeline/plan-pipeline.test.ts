import { rmSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { parseArguments } from "../../../../src-cli/arguments.ts";
import { buildManifest } from "../../../../src-cli/manifest.ts";
import { scanArguments } from "../../../../src-cli/scan-globals.ts";
import { plainFiles, plainProject } from "../../../../test/support/plain-project.ts";
import { type ProjectApp, projectApp } from "../../../../test/support/project-app.ts";
import type { OperationInput } from "../../../contract/index.ts";

let app: ProjectApp;
beforeEach(() => {
  const model = plainFiles["configs/models/v1.yaml"] ?? "";
  app = projectApp(plainProject({ "configs/models/v2.yaml": model.replace("42", "7") }));
});
afterEach(async () => {
  await app.close();
  rmSync(app.core.projectDir, { recursive: true, force: true });
});

it.each([
  [{}, "signalbox run"],
  [{ set: { model_version: "2" } }, "signalbox run --set model_version=2"],
  [
    { set: { model_version: "2", feature_version: "1" }, seed: 9, new: true, promote: false, push: true },
    "signalbox run --set model_version=2 --set feature_version=1 --seed 9 --new --no-promote --push",
  ],
] as const)("a dry run ends with the command that runs what it showed: %j", async (asked, command) => {
  const plan = await app.call("runs.start", { ...asked, dryRun: true } as OperationInput<"runs.start">);
  if (!("isDryRun" in plan)) return expect.fail("it ran");
  expect(plan.modelVersion).toBe("set" in asked ? 2 : 1);
  expect(plan.nextSteps).toEqual([`${command}   # executes it`]);
  // Typed as it is shown, it is the same request without the dry run.
  const parsed = parseArguments(scanArguments(command.split(" ").slice(1)), buildManifest("1.2.3"));
  expect(parsed).toMatchObject({ kind: "call", command: { operation: "runs.start" }, input: asked });
  const [step] = plan.actions;
  if (step === undefined || !("operation" in step)) return expect.fail("there is no step");
  const again = await app.call("runs.start", { ...step.input, dryRun: true } as OperationInput<"runs.start">);
  expect(again).toMatchObject({ fingerprint: plan.fingerprint });
});
