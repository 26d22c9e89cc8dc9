import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { contentsOf, type ProjectApp, projectApp } from "../../../test/support/project-app.ts";
import { candidate } from "../../../test/support/routing-candidates.ts";
import type { OperationOutput } from "../../contract/index.ts";
import { tryLock } from "../../foundation/locks/process-lock.ts";
import { writeCandidates } from "./candidates/candidate-files.ts";
import { putCandidates, routedProject, shopCandidates, smallPolicy } from "./testing/routed-project.ts";
import { newRow } from "./train/queue-entries.ts";
import { writeQueue } from "./train/queue-file.ts";

let app: ProjectApp;
const inProject = (...names: string[]) => path.join(app.core.projectDir, ...names);
const write = (name: string, text: string) => {
  mkdirSync(path.dirname(inProject(name)), { recursive: true });
  writeFileSync(inProject(name), text);
};

beforeEach(async () => {
  app = projectApp(await routedProject(), { clock: { now: () => new Date(0) } });
});
afterEach(async () => {
  await app.close();
  rmSync(app.core.projectDir, { recursive: true, force: true });
});

/** Takes the targets and all that belongs to them out of signalbox.yaml. */
function forgetTargets(): void {
  const text = readFileSync(inProject("signalbox.yaml"), "utf8");
  writeFileSync(inProject("signalbox.yaml"), text.slice(0, text.indexOf("targets:")));
}

const refuses = async (operation: Promise<unknown>, code: string) =>
  await expect(operation).rejects.toMatchObject({ code });

describe("the policy in force", () => {
  it("is shown value by value, with the line of the file that each comes from", async () => {
    const { file, digest, marks, values } = await app.call("routing.configShow", {});
    expect([file, marks]).toEqual(["configs/routing.yaml", []]);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    const of = (key: string) => values.find((it) => it.key === key);
    expect(of("min_sample_size.symbol")).toMatchObject({ value: "100", origin: "configs/routing.yaml:2" });
    expect(of("use_ci_low")).toMatchObject({ value: "false", origin: "default" });
    expect(of("stability_allowlist.symbol")?.value).toBe("[STABLE]");
    write("configs/routing.yaml", `# The same policy.\n${smallPolicy}`);
    expect((await app.call("routing.configShow", {})).digest).toBe(digest);
  });

  it("is the default where there is no file, and marked where a rule is relaxed", async () => {
    rmSync(inProject("configs/routing.yaml"));
    const shown = await app.call("routing.configShow", {});
    expect(shown.file).toBeNull();
    expect(new Set(shown.values.map((it) => it.origin))).toEqual(new Set(["default"]));
    write("configs/routing.yaml", "version: 1\ndev_mode: true\n");
    expect((await app.call("routing.configShow", {})).marks).toEqual(["dev_mode"]);
    write("configs/routing.yaml", "version: 1\nuse_ci_lo: true\n");
    await refuses(app.call("routing.configShow", {}), "configs/unknown-key");
    await refuses(app.call("routing.configCheck", {}), "configs/unknown-key");
  });

  /** A gate of its own for the target of two classes. */
  const nameGate = (file: string) => {
    const text = readFileSync(inProject("signalbox.yaml"), "utf8");
    writeFileSync(
      inProject("signalbox.yaml"),
      text.replace("families: [logit]", `families: [logit], promotion: ${file}`),
    );
  };

  it("is refused with the target whose gate doesn't exist, or is of another task", async () => {
    const named = { message: expect.stringMatching(/^The gate of the target 'busy' \(binary\) can't be used: /) };
    await expect(app.call("routing.configCheck", {})).rejects.toMatchObject({ ...named, code: "configs/inconsistent" });
    nameGate("configs/busy.yaml");
    await expect(app.call("routing.configCheck", {})).rejects.toMatchObject({ ...named, code: "configs/not-found" });
  });

  it("is checked with the targets, their families and their gates", async () => {
    nameGate("configs/busy.yaml");
    write("configs/busy.yaml", "version: 1\nprimary: { metric: reference_roc_auc, goal: superiority }\n");
    expect(await app.call("routing.configCheck", {})).toEqual({
      ...{ file: "configs/routing.yaml", segments: "shop", marks: [] },
      targets: [
        {
          ...{ name: "sales", task: "regression", metric: "r2", tier: "short", families: ["ridge", "trees"] },
          gate: "configs/promotion.yaml",
        },
        {
          ...{ name: "busy", task: "binary", metric: "roc_auc", tier: "default", families: ["logit"] },
          gate: "configs/busy.yaml",
        },
      ],
    });
    forgetTargets();
    await refuses(app.call("routing.configCheck", {}), "routing/no-targets");
  });
});

const expectedCounts = {
  ...{ ROUTE_CROSS_SECTIONAL: 4, ROUTE_SYMBOL_SPECIFIC: 0, ROUTE_BOTH: 2 },
  ...{ ROUTE_EXPERIMENTAL_ONLY: 0, ROUTE_BLOCKED: 0 },
};
const routesOf = ({ targets }: OperationOutput<"routing.show">) =>
  targets.map(({ target, segments }) => [target, segments.map(({ symbol, route }) => `${symbol} ${route}`)]);

describe("the routes", () => {
  it("are built from candidates and policy, published in three forms, and shown as they were built", async () => {
    const built = await app.call("routing.build", {});
    expect(routesOf(built)).toEqual([
      ["busy", ["north ROUTE_CROSS_SECTIONAL", "south ROUTE_CROSS_SECTIONAL", "tiny ROUTE_CROSS_SECTIONAL"]],
      ["sales", ["north ROUTE_BOTH", "south ROUTE_BOTH", "tiny ROUTE_CROSS_SECTIONAL"]],
    ]);
    expect(built).toMatchObject({
      ...{ file: "metrics/routing/routing_plan.json", generatedAt: "1970-01-01T00:00:00.000Z", marks: [] },
      ...{ counts: expectedCounts, badRows: [], notes: [] },
    });
    expect(built.targets[1]?.crossSectional).toMatchObject({ route: "ENABLED", signal: "STRONG" });
    expect(readdirSync(inProject("metrics/routing")).sort()).toEqual([
      ...["routing_candidates.parquet", "routing_plan.json", "routing_plan.md", "routing_plan.yaml"],
    ]);
    const before = contentsOf(app);
    expect(await app.call("routing.show", {})).toEqual(built);
    expect(contentsOf(app)).toEqual(before);
  });

  it("may be shown of one target or segment; another name is refused with the nearest", async () => {
    await app.call("routing.build", {});
    const shown = await app.call("routing.show", { target: "sales", segment: "tiny" });
    expect(routesOf(shown)).toEqual([["sales", ["tiny ROUTE_CROSS_SECTIONAL"]]]);
    expect(shown.counts).toMatchObject({ ROUTE_CROSS_SECTIONAL: 1, ROUTE_BOTH: 0 });
    await expect(app.call("routing.show", { target: "sale" })).rejects.toMatchObject({
      code: "routing/not-found",
      details: { target: "sale", nearest: "sales" },
    });
    await refuses(app.call("routing.show", { segment: "west" }), "routing/not-found");
  });

  it("aren't there before they are built, and can be damaged", async () => {
    await refuses(app.call("routing.show", {}), "routing/plan-missing");
    write("metrics/routing/routing_plan.json", "{");
    await refuses(app.call("routing.show", {}), "routing/plan-corrupt");
  });

  it("come from a table elsewhere, which becomes the project's own without its bad rows and unknown columns", async () => {
    const table = inProject("elsewhere.csv");
    writeFileSync(
      table,
      "target,symbol,score,sample_size,stability,leakage_status,model_status,successful_model_families,colour\nsales,,0.3,1200,STABLE,SAFE,OK,2,red\nsales,north,much,700,STABLE,SAFE,OK,2,red\n",
    );
    const built = await app.call("routing.build", { candidates: table });
    expect(built.badRows).toEqual([{ key: "sales/north", problems: [expect.stringContaining("score")] }]);
    expect(built.notes).toEqual(["Ignored columns that a candidate table doesn't have: colour"]);
    expect(built.targets).toMatchObject([{ target: "sales", crossSectional: { route: "ENABLED", signal: "STRONG" } }]);
    const again = await app.call("routing.build", {});
    expect(again).toEqual({ ...built, badRows: [], notes: [] });
  });

  it("need one candidate table that can be read", async () => {
    const folder = inProject("metrics/routing");
    await writeCandidates(path.join(folder, "routing_candidates.csv"), shopCandidates.slice(1), "csv");
    await refuses(app.call("routing.build", {}), "routing/two-candidate-files");
    rmSync(path.join(folder, "routing_candidates.parquet"));
    write("metrics/routing/routing_candidates.csv", "symbol,colour\nnorth,red\n");
    await refuses(app.call("routing.build", {}), "routing/candidates-unreadable");
    rmSync(path.join(folder, "routing_candidates.csv"));
    await refuses(app.call("routing.build", {}), "routing/no-candidates");
    expect(existsSync(path.join(folder, "routing_plan.json"))).toBe(false);
  });
});

describe("why a view has its route", () => {
  it("is told rule by rule, with what would change it, and nothing is written", async () => {
    const before = contentsOf(app);
    const explained = await app.call("routing.explain", { target: "sales", segment: "tiny" });
    expect(contentsOf(app)).toEqual(before);
    expect(explained).toMatchObject({
      ...{ target: "sales", symbol: "tiny", route: "ROUTE_CROSS_SECTIONAL" },
      ...{ csSignal: "STRONG", symbolSignal: "DISALLOWED", evidence: [] },
    });
    expect(explained.steps.filter((step) => step.view === "symbol").at(-1)).toMatchObject({
      ...{ rule: "sample_size", value: 24, threshold: 100, policy_key: "min_sample_size.symbol" },
    });
    expect(explained.steps.at(-1)).toMatchObject({ rule: "table", value: "STRONG × DISALLOWED" });
    expect(explained.wouldChange).toContainEqual(
      expect.objectContaining({
        kind: "threshold",
        key: "min_sample_size.symbol",
        from: "100",
        to: "24",
        route: "ROUTE_BOTH",
      }),
    );
  });

  it("is of the pooled view where no segment is named, and of nothing that the table doesn't hold", async () => {
    const explained = await app.call("routing.explain", { target: "busy" });
    expect(explained).toMatchObject({ symbol: null, csSignal: "STRONG", symbolSignal: null });
    await refuses(app.call("routing.explain", { target: "bussy" }), "routing/not-found");
    await refuses(app.call("routing.explain", { target: "busy", segment: "west" }), "routing/not-found");
    rmSync(inProject("metrics/routing/routing_candidates.parquet"));
    await refuses(app.call("routing.explain", { target: "busy" }), "routing/no-candidates");
  });
});

describe("what another policy would change", () => {
  it("is said in routes and jobs, and nothing is written", async () => {
    const before = contentsOf(app);
    const asked = await app.call("routing.whatIf", { set: { "min_sample_size.symbol": "1000" } });
    expect(contentsOf(app)).toEqual(before);
    expect(asked.changed).toEqual([{ key: "min_sample_size.symbol", from: "100", to: "1000" }]);
    expect(asked.routes.map(({ target, symbol, from, to }) => [target, symbol, from, to])).toEqual([
      ["sales", "north", "ROUTE_BOTH", "ROUTE_CROSS_SECTIONAL"],
      ["sales", "south", "ROUTE_BOTH", "ROUTE_CROSS_SECTIONAL"],
    ]);
    // Two pooled models, and of each of two shops its own and an ensemble of both.
    expect(asked).toMatchObject({ jobsBefore: 6, jobsAfter: 2, jobsAdded: 0, jobsRemoved: 4 });
    // Nothing was measured here that an estimate could stand on.
    expect([asked.cpuHoursBefore, asked.cpuHoursAfter]).toEqual([null, null]);
  });

  it("is nothing where the value is the same", async () => {
    const asked = await app.call("routing.whatIf", { set: { "min_sample_size.symbol": "100" } });
    expect(asked).toMatchObject({ changed: [], routes: [], jobsAdded: 0, jobsRemoved: 0 });
  });

  it("is asked with keys and values of the policy", async () => {
    const set = async (key: string, value: string) => await app.call("routing.whatIf", { set: { [key]: value } });
    await refuses(set("min_sample_sise.symbol", "1"), "configs/unknown-key");
    await refuses(set("use_ci_low", "perhaps"), "configs/invalid-value");
    await refuses(set("cross_sectional.classification.min_score", "0.99"), "configs/inconsistent");
    rmSync(inProject("metrics/routing/routing_candidates.parquet"));
    await refuses(set("use_ci_low", "true"), "routing/no-candidates");
  });
});

describe("an older layout", () => {
  const policy = "older/CONFIG/training_config/routing_config.yaml";

  it("is brought over, what is there stays unless it is to go, and what has no place is named", async () => {
    write(policy, "routing:\n  use_ci_low: true\n  min_edge: 3\n");
    const dir = inProject("older");
    const kept = await app.call("routing.import", { dir });
    expect(kept).toEqual({
      ...{ written: [], kept: ["configs/routing.yaml"], notes: [] },
      unmapped: [expect.objectContaining({ file: policy.replace("older/", ""), key: "routing.min_edge" })],
      actions: [],
    });
    expect(readFileSync(inProject("configs/routing.yaml"), "utf8")).toBe(smallPolicy);
    expect((await app.call("routing.import", { dir, force: true })).written).toEqual(["configs/routing.yaml"]);
    const { values } = await app.call("routing.configShow", {});
    expect(values.find((it) => it.key === "use_ci_low")?.value).toBe("true");
  });

  it("isn't in a folder that isn't there, or that holds nothing of the kind", async () => {
    await refuses(app.call("routing.import", { dir: inProject("nowhere") }), "files/not-found");
    await refuses(app.call("routing.import", { dir: inProject("configs") }), "routing/legacy-unknown");
  });
});

describe("the training plan", () => {
  const jobsOf = ({ jobs }: OperationOutput<"routing.planShow">) =>
    jobs.map((job) => `${job.target} ${job.symbol ?? "CS"} ${job.training_type}`).sort();

  it("is built from the routes, is whole when it is checked, and is shown as it was built", async () => {
    await app.call("routing.build", {});
    const built = await app.call("routing.planBuild", {});
    expect(jobsOf(built)).toEqual([
      ...["busy CS cross_sectional", "sales CS cross_sectional", "sales north ensemble", "sales north symbol_specific"],
      ...["sales south ensemble", "sales south symbol_specific"],
    ]);
    expect(built).toMatchObject({ file: "globals/training_plan/master_training_plan.json", skipped: [], marks: [] });
    expect(built.summary.totals).toMatchObject({ jobs: 6, targets: 2, symbols: 2 });
    const before = contentsOf(app);
    expect(await app.call("routing.planShow", {})).toEqual(built);
    expect(jobsOf(await app.call("routing.planShow", { target: "sales", segment: "north" }))).toEqual([
      ...["sales north ensemble", "sales north symbol_specific"],
    ]);
    expect(await app.call("routing.planCheck", {})).toEqual({
      ...{ file: built.file, planHash: built.planHash, jobs: 6, marks: [] },
    });
    const wouldTrain = await app.call("routing.train", { dryRun: true, only: "segment=north" });
    expect(wouldTrain).toMatchObject({ isDryRun: true, planHash: built.planHash, file: null });
    expect(wouldTrain.counts).toMatchObject({ planned: 6, selected: 2, trained: 0 });
    await refuses(app.call("routing.train", { dryRun: true, only: "segment=west" }), "training/no-jobs");
    // A gate of another task is found before a job is trained, not by the first job that is decided.
    await expect(app.call("routing.train", { dryRun: true })).rejects.toMatchObject({
      code: "configs/inconsistent",
      message: expect.stringMatching(/^The gate of the target 'busy' /),
    });
    await refuses(app.call("routing.planDiff", {}), "routing/plan-missing");
    expect(contentsOf(app)).toEqual(before);
  });

  it("is stale once an input is another; the next one's differences say which and why", async () => {
    await app.call("routing.build", {});
    const first = await app.call("routing.planBuild", {});
    write("configs/routing.yaml", smallPolicy.replace("symbol: 100", "symbol: 1000"));
    const stale = { code: "routing/plan-stale", message: expect.stringContaining("configs/routing.yaml") };
    await expect(app.call("routing.planCheck", {})).rejects.toMatchObject(stale);
    await expect(app.call("routing.train", { dryRun: true })).rejects.toMatchObject(stale);
    await expect(app.call("routing.planBuild", {})).rejects.toMatchObject(stale);
    await app.call("routing.build", {});
    const second = await app.call("routing.planBuild", {});
    const before = contentsOf(app);
    const diff = await app.call("routing.planDiff", {});
    expect([diff.from.slice(0, 12), diff.to.slice(0, 12)]).toEqual([
      ...[first.planHash.slice(0, 12), second.planHash.slice(0, 12)],
    ]);
    expect(diff.inputs.map(({ input }) => input)).toEqual(["the policy (configs/routing.yaml)", "the routing plan"]);
    expect(diff.rows.map(({ change, symbol, job }) => `${change} ${symbol} ${job}`).sort()).toEqual([
      ...["removed north ensemble", "removed north symbol_specific"],
      ...["removed south ensemble", "removed south symbol_specific"],
    ]);
    expect(diff.rows.every(({ why }) => why.includes("min_sample_size.symbol 1000"))).toBe(true);
    const back = await app.call("routing.planDiff", { from: second.planHash, to: first.planHash });
    expect(new Set(back.rows.map(({ change }) => change))).toEqual(new Set(["added"]));
    expect(contentsOf(app)).toEqual(before);
  });

  it("may be an older layout's, where it is named", async () => {
    const jobs = [{ job_id: "a", target: "sales", type: "cs", model_family: "ridge" }];
    write("older/plan.json", JSON.stringify({ jobs }));
    const shown = await app.call("routing.planShow", { legacyPlan: "older/plan.json" });
    expect([shown.file, shown.marks, jobsOf(shown)]).toEqual([
      ...["older/plan.json", ["legacy plan"], ["sales CS cross_sectional"]],
    ]);
  });

  it("needs routes, and jobs to be trained", async () => {
    await refuses(app.call("routing.planBuild", {}), "routing/plan-missing");
    for (const asked of [app.call("routing.planShow", {}), app.call("routing.planCheck", {})])
      await refuses(asked, "routing/plan-missing");
    await refuses(app.call("routing.train", {}), "routing/plan-missing");
    await putCandidates(app.core.projectDir, [candidate({ target: "busy", score: 0.4, sample_size: 1_200 })]);
    await app.call("routing.build", {});
    expect((await app.call("routing.planBuild", {})).jobs).toEqual([]);
    await refuses(app.call("routing.planShow", {}), "routing/plan-empty");
    await refuses(app.call("routing.train", {}), "routing/plan-empty");
    write("globals/training_plan/master_training_plan.json", "{}");
    await refuses(app.call("routing.planCheck", {}), "routing/plan-corrupt");
  });
});

describe("the queue of a training", () => {
  it("is empty before one, and then as its process wrote it down", async () => {
    expect(await app.call("routing.queue", {})).toEqual({ planHash: null, isWorking: false, jobs: [] });
    await app.call("routing.build", {});
    const plan = await app.call("routing.planBuild", {});
    const jobs = plan.jobs.map((job) => newRow(job, { state: "queued", why: "waits for cores" }));
    writeQueue(app.core.project().paths, { planHash: plan.planHash, isOver: false, jobs });
    const before = contentsOf(app);
    // Reading the lock's file in this process would let go of it.
    const supervisor = tryLock(app.core.project().paths.supervisorLock);
    expect(await app.call("routing.queue", {})).toEqual({ planHash: plan.planHash, isWorking: true, jobs });
    supervisor?.release();
    rmSync(app.core.project().paths.supervisorLock);
    expect(contentsOf(app)).toEqual(before);
  });
});

it("a project without targets has nothing to assess and nothing to train", async () => {
  forgetTargets();
  await refuses(app.call("routing.assess", {}), "routing/no-targets");
  await refuses(app.call("routing.run", {}), "routing/no-targets");
  expect(existsSync(inProject("data/splits"))).toBe(false);
});
