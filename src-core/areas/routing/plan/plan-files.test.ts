import { spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildRoutingPlan } from "../decide/routing-plan.ts";
import { anyRouting, decision, hostileNames, net, planInput, ridge, testSeed } from "../testing/plan-samples.ts";
import { type AtStep, publishPlan, publishRoutingPlan } from "./plan-files.ts";
import { parseTrainingPlan, readTrainingPlan } from "./read-plan.ts";
import { masterFile, type PlanFile, planViews, trainingPlanFiles } from "./text/plan-views.ts";
import { buildTrainingPlan } from "./training-plan.ts";

const steps = ["write", "link", "settle", "swap", "prune"] as const satisfies readonly Parameters<AtStep>[0][];
let root: string;
let folder: string;

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), "signalbox-plans-"));
  folder = path.join(root, "globals", "training_plan");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function version(text: string): readonly PlanFile[] {
  return [
    { path: masterFile, text },
    { path: "by_target/late.json", text: `view of ${text}` },
  ];
}

/** The plan that a reader finds: master and view are of one version. */
function found(): string {
  const master = readFileSync(path.join(folder, masterFile), "utf8");
  expect(readFileSync(path.join(folder, "by_target", "late.json"), "utf8")).toBe(`view of ${master}`);
  return master;
}

const plansBehind = () => readdirSync(path.join(root, "globals", ".plans"));

describe("publishing a plan", () => {
  test("replaces the folder as a whole and keeps the previous plan", () => {
    for (const text of ["one", "two", "three"]) {
      expect(publishPlan(folder, version(text)).isNew).toBe(true);
      expect(found()).toBe(text);
    }
    expect(plansBehind()).toHaveLength(2);
    expect(readdirSync(path.join(root, "globals")).sort()).toEqual([".plans", "training_plan"]);
    expect(lstatSync(folder).isSymbolicLink()).toBe(true);
  });

  test("keeps a plan of the same files, and restores an older one", () => {
    const first = publishPlan(folder, version("one"));
    expect(publishPlan(folder, version("one"))).toEqual({ ...first, isNew: false });
    publishPlan(folder, version("two"));
    publishPlan(folder, version("one"));
    expect(found()).toBe("one");
  });

  test("restores a published file that somebody changed", () => {
    publishPlan(folder, version("one"));
    writeFileSync(path.join(folder, masterFile), "edited");
    publishPlan(folder, version("one"));
    expect(found()).toBe("one");
  });

  test.each(steps)("an error at step %s leaves the old plan or the new one, and nothing else", (stop) => {
    publishPlan(folder, version("old"));
    const fail = () =>
      publishPlan(folder, version("new"), (step) => {
        if (step === stop) throw new Error("stopped");
      });
    expect(fail).toThrow("stopped");
    expect(found()).toBe(stop === "prune" ? "new" : "old");
    expect(readdirSync(path.join(root, "globals")).sort()).toEqual([".plans", "training_plan"]);
    publishPlan(folder, version("next"));
    expect(found()).toBe("next");
    expect(plansBehind()).toHaveLength(2);
  });

  test.each(steps)("a kill -9 at step %s leaves the old plan or the new one, and the next run cleans up", (stop) => {
    publishPlan(folder, version("old"));
    const module = fileURLToPath(new URL("./plan-files.ts", import.meta.url));
    const program = `
      import { publishPlan } from ${JSON.stringify(module)};
      publishPlan(${JSON.stringify(folder)}, ${JSON.stringify(version("new"))}, (step) => {
        if (step === ${JSON.stringify(stop)}) process.kill(process.pid, "SIGKILL");
      });`;
    const killed = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
    expect([killed.signal, killed.stderr]).toEqual(["SIGKILL", ""]);
    expect(found()).toBe(stop === "prune" ? "new" : "old");
    publishPlan(folder, version("next"));
    expect(found()).toBe("next");
    expect(plansBehind()).toHaveLength(2);
    expect(readdirSync(path.join(root, "globals")).sort()).toEqual([".plans", "training_plan"]);
  });

  test("by two writers at once ends with one complete plan", () => {
    publishPlan(folder, version("old"));
    publishPlan(folder, version("mine"), (step) => {
      if (step === "swap") for (const text of ["a", "b", "c"]) publishPlan(folder, version(text));
    });
    expect(found()).toBe("mine");
  });

  test("refuses a real folder that isn't empty, and replaces an empty one", () => {
    mkdirSync(folder, { recursive: true });
    publishPlan(folder, version("one"));
    rmSync(folder);
    mkdirSync(folder);
    writeFileSync(path.join(folder, "notes.txt"), "mine");
    expect(() => publishPlan(folder, version("two"))).toThrow(
      expect.objectContaining({ code: "routing/plan-corrupt", next: [expect.objectContaining({ program: "mv" })] }),
    );
    expect(readFileSync(path.join(folder, "notes.txt"), "utf8")).toBe("mine");
  });

  test("replaces a link whose folder no longer exists", () => {
    mkdirSync(path.dirname(folder), { recursive: true });
    symlinkSync(".plans/gone", folder);
    publishPlan(folder, version("one"));
    expect(found()).toBe("one");
    expect(readlinkSync(folder)).toMatch(/^\.plans\/[0-9a-f]{32}$/);
  });

  test("a published plan reads back as it was built", () => {
    const routing = hostileNames.map((name) => decision(name, "STRONG", { [name]: "STRONG", other: "STRONG" }));
    const plan = buildTrainingPlan(planInput(routing, [ridge, net]));
    publishPlan(folder, trainingPlanFiles(plan));
    expect(readTrainingPlan(path.join(folder, masterFile))).toEqual(plan);
  });
});

describe("views of a plan", () => {
  test("contain every job once per folder, under names that no two share", () => {
    const property = fc.property(anyRouting, (routing) => {
      const plan = buildTrainingPlan(planInput(routing, [ridge, net]));
      const files = planViews(plan);
      expect(new Set(files.map((file) => file.path.toLowerCase())).size).toBe(files.length);
      for (const [view, field] of [
        ["by_target", "target"],
        ["by_symbol", "symbol"],
        ["by_route", "route"],
        ["by_type", "training_type"],
      ] as const) {
        const contents = files.filter((file) => file.path.startsWith(`${view}/`)).map((file) => JSON.parse(file.text));
        expect(contents.flatMap(({ jobs }) => jobs.map((job: { job_id: string }) => job.job_id)).sort()).toEqual(
          plan.jobs.map(({ job_id }) => job_id).sort(),
        );
        for (const { name, jobs, plan_hash } of contents) {
          expect(plan_hash).toBe(plan.metadata.plan_hash);
          for (const job of jobs) expect(job[field]).toBe(name);
        }
      }
    });
    fc.assert(property, { seed: testSeed("views"), numRuns: 100 });
  });

  test("keep the cross-sectional jobs under _cross_sectional, even from a segment of that name", () => {
    const plan = buildTrainingPlan(
      planInput([decision("late", "STRONG", { _cross_sectional: "STRONG", UA: "STRONG" })]),
    );
    const symbols = planViews(plan).filter((file) => file.path.startsWith("by_symbol/"));
    expect(symbols.map((file) => file.path)).toEqual([
      "by_symbol/UA.json",
      "by_symbol/_cross_sectional.json",
      expect.stringMatching(/^by_symbol\/_cross_sectional~[0-9a-f]{32}\.json$/),
    ]);
    expect(symbols.map((file) => JSON.parse(file.text).name)).toEqual(["UA", null, "_cross_sectional"]);
  });

  test("by family contain the jobs that the family competes in", () => {
    const plan = buildTrainingPlan(planInput([decision("late", "STRONG", { UA: "STRONG" })], [ridge, net]));
    const net2 = planViews(plan).find((file) => file.path === "by_family/net.json");
    expect(JSON.parse(net2?.text ?? "").jobs.map((job: { stage: number }) => job.stage)).toEqual([2, 2]);
  });
});

describe("reading a plan", () => {
  const plan = buildTrainingPlan(planInput([decision("late", "STRONG", { UA: "STRONG" })]));
  const text = () => trainingPlanFiles(plan)[0]?.text ?? "";
  const file = () => path.join(root, masterFile);
  const readingOf = (content: string) => () => {
    writeFileSync(file(), content);
    return readTrainingPlan(file());
  };

  test("that doesn't exist says how to build one", () => {
    expect(() => readTrainingPlan(file())).toThrow(
      expect.objectContaining({
        code: "routing/plan-missing",
        next: [expect.objectContaining({ operation: "routing.planBuild" })],
      }),
    );
  });

  test.each([
    ["is cut", (content: string) => content.slice(0, -20)],
    ["is empty", () => ""],
    ["is another document", () => "[]"],
    ["has a job's priority changed", (content: string) => content.replace('"priority":3', '"priority":9')],
    ["has an input changed", (content: string) => content.replace("cccc", "dddd")],
    ["lacks a job", (content: string) => content.replace(/,\n {4}\{"job_id[^\n]*\n {2}\]/, "\n  ]")],
  ])("that %s is refused as corrupt", (_, change) => {
    expect(change(text())).not.toBe(text());
    expect(readingOf(change(text()))).toThrow(expect.objectContaining({ code: "routing/plan-corrupt" }));
  });

  test("that is a folder is refused as corrupt", () => {
    mkdirSync(file());
    expect(() => readTrainingPlan(file())).toThrow(expect.objectContaining({ code: "routing/plan-corrupt" }));
  });

  test("without jobs says so, unless an empty one is allowed", () => {
    const empty = trainingPlanFiles(buildTrainingPlan(planInput([decision("late", "DISALLOWED")])))[0]?.text ?? "";
    expect(readingOf(empty)).toThrow(expect.objectContaining({ code: "routing/plan-empty" }));
    expect(parseTrainingPlan(empty, "plan").jobs).toEqual([]);
  });

  test("made at another time with another commit is the same plan", () => {
    const later = text().replace("2025-01-01", "2026-06-06").replace("abc1234", "fffffff");
    expect(readingOf(later)().metadata.plan_hash).toBe(plan.metadata.plan_hash);
  });
});

test("a routing plan is published in three forms", () => {
  const metadata = { generated_at: "now", git_commit: null, config_hash: "c", candidates_hash: "d", marks: [] };
  const plan = buildRoutingPlan({ routing: [decision("late", "STRONG", { UA: "STRONG" })], metadata });
  publishRoutingPlan(path.join(root, "metrics", "routing"), plan);
  const names = ["routing_plan.json", "routing_plan.md", "routing_plan.yaml"];
  expect(readdirSync(path.join(root, "metrics", "routing")).sort()).toEqual(names);
  expect(existsSync(path.join(root, "metrics", "routing", "routing_plan.json"))).toBe(true);
});
