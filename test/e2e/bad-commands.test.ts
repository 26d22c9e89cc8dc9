import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectRefusal, type Lab, openLab, type Refusal } from "../support/bad-input.ts";
import { cli } from "../support/cli.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab("http://127.0.0.1:1");
});
afterAll(() => lab?.close());

const usage = { code: "cli/usage", exit: 2 } as const;
const noRun = { code: "runs/not-found", exit: 3 } as const;

const cases: readonly (readonly [args: readonly string[], refusal: Refusal])[] = [
  [["rnu"], { ...usage, says: ["There is no command 'rnu'"], next: "signalbox run" }],
  [["runs", "lst"], { ...usage, says: ["There is no command 'runs lst'"], next: "signalbox runs list" }],
  [["run", "--dryrun"], { ...usage, says: ["no option '--dryrun'"], next: "--dry-run" }],
  [
    ["run", "--set", "model_versoin=1"],
    {
      code: "configs/unknown-key",
      exit: 2,
      says: ["`model_versoin`", "did you mean `model_version`?"],
      next: "split_version",
    },
  ],
  [
    ["run", "--set", "model_version=one"],
    { code: "configs/invalid-value", exit: 2, says: ["`one` isn't a version"], next: "--set model_version=N" },
  ],
  [
    ["run", "--set", "model_version"],
    { ...usage, says: ["--set takes KEY=VALUE, not 'model_version'"], next: "--set feature_version=2" },
  ],
  [
    ["run", "--set", "model_version=1", "--set", "model_version=2"],
    { ...usage, says: ["--set has 'model_version' twice: 1 and 2"], next: "once" },
  ],
  [["runs", "show", "12"], { ...noRun, says: ["no run '12'"], next: "signalbox runs list" }],
  [["metrics", "show", "latest"], { ...noRun, says: ["no run yet"], next: "signalbox run" }],
  [["reproduce", "abcdef"], { ...noRun, says: ["no run 'abcdef'"], next: "signalbox runs list" }],
  [["promotion", "check", "#7"], { ...noRun, says: ["no run '#7'"], next: "signalbox runs list" }],
];

describe("a mistyped command is refused, with a suggestion", () => {
  it.each(cases)("signalbox %j", async (args, refusal) => {
    await expectRefusal(lab, { project: lab.base, args, refusal });
  });

  it("names the folder that it searched for a project, and the command that creates one", async () => {
    const { code, stderr } = await cli(["run"], { cwd: lab.folder, env: lab.env });
    expect(code).toBe(3);
    expect(stderr).toContain(`There is no signalbox.yaml in ${lab.folder}`);
    expect(stderr).toMatch(/^next .*signalbox init/ms);
    expect(stderr).toMatch(/^code +projects\/not-found$/m);
  });

  it("answers a script in JSON, with the same code", async () => {
    const { code, stdout, stderr } = await cli(["runs", "show", "12", "--json"], { cwd: lab.base, env: lab.env });
    expect(code).toBe(3);
    const error: unknown = JSON.parse(stdout === "" ? stderr : stdout);
    expect(JSON.stringify(error)).toContain('"code":"runs/not-found"');
  });
});
