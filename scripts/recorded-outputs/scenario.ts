import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { OperationId } from "../../src-core/contract/index.ts";
import { createApp } from "../../src-core/wiring/app.ts";
import { smallTable } from "../../test/support/small-table.ts";

/** Outputs by file name: the operation and, if it has several cases, a dot and the case. */
export type Outputs = ReadonlyMap<string, unknown>;

type Call = (operation: OperationId, input?: unknown, variant?: string) => Promise<unknown>;

/**
 * Plays the story of a small project in which every callable operation is called once: a table of orders becomes a project, two models
 * are run, compared, promoted and rolled back, a run is stopped and resumed, and a plan of one job is routed and trained.
 * @param folder an empty one
 */
export async function recordOutputs(folder: string): Promise<Outputs> {
  const project = path.join(folder, "orders");
  const { MLFLOW_TRACKING_URI: _, ...inherited } = process.env;
  const env = { ...inherited, SIGNALBOX_ACTOR: "recorder", SIGNALBOX_SUPERVISOR_IDLE_MS: "1000" };
  const outputs = new Map<string, unknown>();
  writeFileSync(path.join(folder, "orders.csv"), smallTable(400));
  const app = createApp({ projectDir: project, env, node: process.execPath, role: "supervisor" });
  const face = createApp({ projectDir: project, env, node: process.execPath, role: "face" });
  const context = () => ({ signal: new AbortController().signal, report: () => undefined });
  const call: Call = async (operation, input = {}, variant) => {
    const output = await app.execute(operation, input, context());
    outputs.set(variant === undefined ? operation : `${operation}.${variant}`, output);
    return output;
  };
  const stopped = async () => {
    const stop = new AbortController();
    const report = ({ stage }: { readonly stage?: string | undefined }) =>
      stage === "train" ? stop.abort() : undefined;
    await app.execute("runs.start", { new: true }, { signal: stop.signal, report }).catch(() => undefined);
  };
  try {
    await makeProject(call, { project, table: path.join(folder, "orders.csv") });
    await runTwoModels(call, stopped);
    await decide(call, folder);
    await versionData(call, { project, remote: path.join(folder, "remote") });
    await route(call, { project, legacy: path.join(folder, "legacy") });
    await face.call(
      { operation: "splits.check", input: {} },
      { ...context(), hangUp: new AbortController().signal, accept: () => undefined, ask: async () => null },
    );
    await call("operations.list");
    await call("operations.follow", { id: "1" });
    await call("projects.fork", { name: "orders-north" });
  } finally {
    await app.execute("mlflow.stop", {}, context()).then((output) => outputs.set("mlflow.stop", output));
    await Promise.all([app.close(), face.close()]);
  }
  return outputs;
}

async function makeProject(call: Call, { project, table }: { readonly project: string; readonly table: string }) {
  await call("projects.init", { dir: project, table, target: "minutes", key: ["order_id"], name: "orders" });
  const models = path.join(project, "configs/models");
  const first = readFileSync(path.join(models, "v1.yaml"), "utf8");
  writeFileSync(path.join(models, "v2.yaml"), first.replace(/^seed: .*/m, "seed: 7"));
  await call("runs.status", {}, "new");
  await call("runs.list", {}, "none");
}

async function runTwoModels(call: Call, stopped: () => Promise<void>) {
  await call("runs.start", { dryRun: true }, "dry-run");
  await call("mlflow.start");
  await call("runs.start");
  await call("runs.start", { set: { model_version: "2" } }, "held");
  await stopped();
  await call("runs.cancel");
  await call("runs.resume");
  await call("mlflow.status");
  await call("mlflow.open", { print: true });
  await call("configs.list");
  await call("configs.show", { kind: "model", version: 1 });
  await call("configs.diff", { kind: "model", from: 1, to: 2 });
  for (const name of ["train", "evaluate"]) await call("runs.stage", { name, run: "#2" });
  await call("runs.show", { run: "#2" });
  await call("runs.logs", { run: "#2" });
  await call("runs.compare", { runs: ["#1", "#2"] });
  await call("runs.reproduce", { run: "#2" });
  await call("evaluation.metrics", { run: "#2" });
  await call("splits.show");
  await call("splits.check");
}

async function decide(call: Call, folder: string) {
  await call("promotion.check", { run: "#2" });
  await call("promotion.override", { run: "#2", reason: "The second has the seed that we want." });
  await call("promotion.rollback", { reason: "Back to the first." });
  await call("promotion.show", { run: "#2" });
  await call("promotion.list");
  await call("ledger.list");
  await call("ledger.show", { index: 2 });
  await call("ledger.show", { index: 4 }, "override");
  await call("ledger.verify");
  await call("ledger.restore");
  await call("ledger.export", { output: path.join(folder, "ledger.csv"), format: "csv" });
  await call("models.register", { run: "#1" });
  await call("models.list");
  await call("models.show", { name: "orders_model" });
  await call("models.verify", { name: "orders_model", version: "1" });
  await call("lineage.show", { subject: "latest" });
  await call("outbox.list", { all: true });
  await call("outbox.deliver");
}

async function versionData(call: Call, { project, remote }: { readonly project: string; readonly remote: string }) {
  const notes = path.join(project, "notes");
  mkdirSync(notes);
  mkdirSync(remote);
  writeFileSync(path.join(notes, "a.txt"), "one\n");
  await call("data.add", { paths: [notes] });
  writeFileSync(path.join(notes, "a.txt"), "two\n");
  await call("data.status");
  await call("data.checkout", { force: true });
  appendFileSync(
    path.join(project, ".dvc/config"),
    `\n['remote "shelf"']\n    url = ${remote}\n[core]\n    remote = shelf\n`,
  );
  await call("data.push");
  await call("data.pull");
}

const targets = `
targets:
  - { name: minutes, column: minutes, task: regression, horizon_minutes: 30, families: [ridge, broken] }
segments: { column: channel }
families:
  ridge: {}
  broken: { type: ridge, params: { solver: lbfgs } }
`;

function policy(leastForSegment: number): string {
  const every = "[STABLE, DRIFTING, UNKNOWN, DIVERGED]";
  return [
    "version: 1",
    `min_sample_size: { cross_sectional: 100, symbol: ${leastForSegment} }`,
    `stability_allowlist: { cross_sectional: ${every}, symbol: ${every} }`,
    "",
  ].join("\n");
}

async function route(call: Call, { project, legacy }: { readonly project: string; readonly legacy: string }) {
  const policyFile = path.join(project, "configs/routing.yaml");
  appendFileSync(path.join(project, "signalbox.yaml"), targets);
  writeFileSync(policyFile, policy(300));
  await call("routing.configShow");
  await call("routing.configCheck");
  await call("routing.assess", { jobs: 1 });
  await call("routing.build");
  await call("routing.show", { target: "minutes" });
  await call("routing.explain", { target: "minutes", segment: "web" });
  await call("routing.whatIf", { set: { "min_sample_size.symbol": "50" } });
  await call("routing.planBuild");
  writeFileSync(policyFile, policy(200));
  await call("routing.build");
  await call("routing.planBuild");
  await call("routing.planShow");
  await call("routing.planCheck");
  await call("routing.planDiff");
  await call("routing.train", { dryRun: true, jobs: 1 }, "dry-run");
  await call("routing.train", { jobs: 1 });
  await call("routing.queue");
  await call("routing.run", { jobs: 1 });
  await call("runs.list");
  await call("runs.status");
  const older = path.join(legacy, "CONFIG/training_config");
  mkdirSync(older, { recursive: true });
  writeFileSync(
    path.join(older, "routing_config.yaml"),
    "routing:\n  cross_sectional:\n    min_score: 0.5\n  odd_key: 1\n",
  );
  await call("routing.import", { dir: legacy });
}
