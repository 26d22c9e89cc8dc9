import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OperationOutput } from "../../src-core/contract/index.ts";
import { cli, cliJson } from "../support/cli.ts";
import { startTestServer, type TestServer } from "../support/mlflow-server.ts";
import { routingPolicy, routingProject } from "../support/routing-project.ts";

let folder: string;
let project: string;
let server: TestServer;
const environment = (): NodeJS.ProcessEnv => ({
  MLFLOW_TRACKING_URI: server.uri,
  SIGNALBOX_SUPERVISOR_IDLE_MS: "2000",
});
const json = <T>(...args: string[]): Promise<T> => cliJson<T>(args, { cwd: project, env: environment() });
const text = (...args: string[]) => cli(args, { cwd: project, env: environment() });
const evidenceFiles = (): readonly string[] =>
  readdirSync(path.join(project, ".signalbox/evidence"), { recursive: true, encoding: "utf8" })
    .filter((name) => /(prepare|fold-\d)\.json$/.test(name))
    .map((name) => path.join(project, ".signalbox/evidence", name));

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-routing-"));
  server = await startTestServer();
  project = await routingProject(folder, "deliveries");
});
afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

// One story in order, as a user experiences it: each step depends on the one before.
describe("routing a project with two targets and three segments", () => {
  let first: OperationOutput<"routing.run">;
  let measuredAt: ReadonlyMap<string, number>;

  it("assesses, routes, plans and trains in one command", async () => {
    first = await json("routing", "run");
    expect(first.assessed).toMatchObject({ reused: 0 });
    expect(first.routes).toMatchObject({ ROUTE_CROSS_SECTIONAL: 2 });
    expect((first.routes.ROUTE_BOTH ?? 0) + (first.routes.ROUTE_SYMBOL_SPECIFIC ?? 0)).toBeGreaterThan(0);
    const { counts, jobs } = first.training;
    expect(counts).toMatchObject({ planned: jobs.length, trained: jobs.length, failed: 0, skipped: 0 });
    expect(new Set(jobs.map((job) => job.state))).toEqual(new Set(["succeeded"]));
    expect(jobs.map((job) => job.trainingType)).toContain("ensemble");
    expect(jobs.some((job) => job.stage === 2)).toBe(true);
    measuredAt = new Map(evidenceFiles().map((file) => [file, statSync(file).mtimeMs]));
  }, 900_000);

  it("records a family that failed, and keeps the others", async () => {
    const { views } = await json<OperationOutput<"routing.assess">>("assess");
    const pooled = views.find((view) => view.target === "minutes" && view.symbol === null);
    expect(pooled).toMatchObject({ bestFamily: "ridge", leakage: "SAFE" });
    const broken = pooled?.families.find((family) => family.family === "broken");
    expect(broken?.error?.message).toContain("lbfgs");
    expect(pooled?.method).toMatch(/clustered by day$/);
    const tiny = views.find((view) => view.target === "minutes" && view.symbol === "tiny");
    expect(tiny?.rows).toBeLessThan(30);
  });

  it("never offers one target's columns, or what its SQL reads, as another's features", () => {
    const { views } = JSON.parse(readFileSync(path.join(project, "metrics/routing/evidence.json"), "utf8"));
    for (const view of views) {
      expect(view.features).not.toContain("minutes");
      expect(view.excluded_features.map((it: { feature: string }) => it.feature)).toContain("minutes");
    }
  });

  it("registers each job's model under its own name, one MLflow run each, tagged with plan and job", async () => {
    const { models } = await json<OperationOutput<"models.list">>("models", "list");
    const names = models.map((model) => model.name);
    expect(names).toContain("deliveries.minutes");
    expect(names).toContain("deliveries.late~svery");
    expect(names.some((name) => name.endsWith(".ensemble"))).toBe(true);
    const [job] = first.training.jobs;
    const answer = await fetch(`${server.uri}/api/2.0/mlflow/runs/get?run_id=${job?.runId}`);
    const { run } = (await answer.json()) as {
      run: { data: { tags: { key: string; value: string }[] }; info: { run_name: string } };
    };
    const tags = Object.fromEntries(run.data.tags.map(({ key, value }) => [key, value]));
    expect(tags).toMatchObject({ plan_hash: first.plan.planHash, job_id: job?.jobId, target: job?.target });
    expect(tags["mlflow.parentRunId"]).toBeUndefined();
  });

  it("writes the plan's summary to the experiment, because there is no parent run", async () => {
    const answer = await fetch(
      `${server.uri}/api/2.0/mlflow/experiments/get-by-name?experiment_name=deliveries_training`,
    );
    const { experiment } = (await answer.json()) as { experiment: { tags: { key: string; value: string }[] } };
    const tags = Object.fromEntries(experiment.tags.map(({ key, value }) => [key, value]));
    expect(tags["signalbox.plan_hash"]).toBe(first.plan.planHash);
    expect(tags["signalbox.plan_trained"]).toBe(String(first.training.counts.trained));
  });

  it("reports plan against reality as Markdown and JSON", () => {
    const report = readFileSync(path.join(project, "metrics/routing/training_report.md"), "utf8");
    expect(report).toContain(`${first.training.counts.trained} trained`);
    const stored = JSON.parse(readFileSync(path.join(project, "metrics/routing/training_report.json"), "utf8"));
    expect(stored.counts).toEqual(first.training.counts);
  });

  it("reuses the evidence and the models in a second run, and reports it", async () => {
    const second = await json<OperationOutput<"routing.run">>("routing", "run");
    expect(second.assessed.reused).toBe(second.assessed.results);
    expect(second.plan.planHash).toBe(first.plan.planHash);
    expect(second.training.counts).toMatchObject({ trained: 0, reused: first.training.jobs.length });
    for (const [file, at] of measuredAt) expect(statSync(file).mtimeMs, file).toBe(at);
    const shown = await text("train");
    expect(shown.stdout).toContain("trained before");
  });

  it("reproduces a segment's ensemble bit for bit", async () => {
    const job = first.training.jobs.find((it) => it.trainingType === "ensemble");
    const again = await json<OperationOutput<"runs.reproduce">>("reproduce", job?.runId ?? "");
    expect(again.outcome).toBe("reproduced");
  });

  it("reproduces a stage-2 model bit for bit", async () => {
    const job = first.training.jobs.find((it) => it.stage === 2);
    const again = await json<OperationOutput<"runs.reproduce">>("reproduce", job?.runId ?? "");
    expect(again.outcome).toBe("reproduced");
  });

  it("explains a segment's route, and shows what a threshold would change without writing", async () => {
    const explained = await json<OperationOutput<"routing.explain">>("route", "explain", "minutes", "tiny");
    expect(explained).toMatchObject({ route: "ROUTE_CROSS_SECTIONAL", symbolSignal: "DISALLOWED" });
    expect(explained.steps.some((step) => step.policy_key === "min_sample_size.symbol")).toBe(true);
    const before = readFileSync(path.join(project, "metrics/routing/routing_plan.json"), "utf8");
    const asked = await json<OperationOutput<"routing.whatIf">>(
      "route",
      "what-if",
      "--set",
      "min_sample_size.symbol=100000",
    );
    expect(asked.routes.length).toBeGreaterThan(0);
    expect(asked.jobsAfter).toBeLessThan(asked.jobsBefore);
    expect(readFileSync(path.join(project, "metrics/routing/routing_plan.json"), "utf8")).toBe(before);
  });

  it("trains only the selected jobs, and names the existing ones if none matches", async () => {
    const only = await json<OperationOutput<"routing.train">>(
      "train",
      "--only",
      "target=minutes,segment=CS",
      "--dry-run",
    );
    expect(only.counts.selected).toBe(1);
    expect(only.jobs.filter((job) => job.why?.startsWith("not selected"))).toHaveLength(only.jobs.length - 1);
    const none = await text("train", "--only", "segment=east");
    expect(none.code).toBe(4);
    expect(none.stderr).toContain("training/no-jobs");
    expect(none.stderr).toMatch(/north/);
    const typo = await text("train", "--only", "sgement=north");
    expect(typo.code).toBe(2);
    expect(typo.stderr).toContain("segment=");
  });

  it("refuses a plan whose policy changed, and the diff of the new plan shows what changed and why", async () => {
    writeFileSync(path.join(project, "configs/routing.yaml"), routingPolicy({ symbol: 100_000 }));
    for (const command of [["plan", "check"], ["train"]]) {
      const refused = await text(...command);
      expect(refused.code).toBe(4);
      expect(refused.stderr).toContain("routing/plan-stale");
      expect(refused.stderr).toContain("configs/routing.yaml");
    }
    const built = await text("plan", "build");
    expect(built.code).toBe(4);
    expect(built.stderr).toContain("signalbox route build");
    await json("route", "build");
    const plan = await json<OperationOutput<"routing.planBuild">>("plan", "build");
    expect(plan.jobs.every((job) => job.symbol === null)).toBe(true);
    const diff = await json<OperationOutput<"routing.planDiff">>("plan", "diff");
    expect(diff.inputs.map((it) => it.input).join()).toContain("policy");
    expect(diff.rows.filter((row) => row.change === "removed").length).toBeGreaterThan(0);
    expect(diff.rows.map((row) => row.why).join()).toContain("min_sample_size.symbol");
    expect(await json("plan", "check")).toMatchObject({ jobs: plan.jobs.length });
  });

  it("names the allowed values of a typo in the policy", async () => {
    const file = path.join(project, "configs/routing.yaml");
    const before = readFileSync(file, "utf8");
    writeFileSync(file, "version: 1\nboth_strong_behavior: PREFER_SYMBOLS\n");
    const refused = await text("routing", "config", "check");
    writeFileSync(file, before);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("configs/routing.yaml:2");
    expect(refused.stderr).toContain("PREFER_SYMBOL");
  });

  it("routes a candidate table from any source, and skips a bad row by its key", async () => {
    const table = path.join(folder, "elsewhere.csv");
    writeFileSync(
      table,
      "target,symbol,score,task_type,sample_size,stability,leakage_status,model_status\nminutes,,0.4,regression,9000,STABLE,SAFE,OK\nminutes,north,much,regression,9000,STABLE,SAFE,OK\nminutes,south,0.9,regression,900000,STABLE,SAFE,OK\n",
    );
    const routes = await json<OperationOutput<"routing.build">>("route", "build", "--candidates", table);
    expect(routes.badRows.map((row) => row.key)).toEqual(["minutes/north"]);
    expect(routes.targets[0]?.crossSectional.route).toBe("ENABLED");
  });

  it("stops without a plan, with a corrupt one and with one that has no jobs", async () => {
    const link = path.join(project, "globals/training_plan");
    const master = path.join(link, "master_training_plan.json");
    const plan = readFileSync(master, "utf8");
    writeFileSync(master, plan.replace('"priority":2', '"priority":7'));
    expect(readFileSync(master, "utf8")).not.toBe(plan);
    const corrupt = await text("train");
    expect([corrupt.code, corrupt.stderr.includes("routing/plan-corrupt")]).toEqual([4, true]);
    rmSync(link);
    const missing = await text("train");
    expect([missing.code, missing.stderr.includes("routing/plan-missing")]).toEqual([3, true]);
    expect(existsSync(path.join(project, ".signalbox/evidence"))).toBe(true);
  });
});
