import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { cli } from "./cli.ts";
import { mulberry } from "./small-table.ts";

/**
 * Deliveries of three depots on 40 days. The target depends on other columns in the north than in the south, so that a depot's own model
 * and the pooled one are both useful. The third depot has too few rows for its own model.
 */
function deliveries(rows: number): string {
  const random = mulberry(11);
  const normal = () => random() + random() + random() + random() - 2;
  const lines = ["id,day,depot,load,distance,minutes,late"];
  for (let id = 0; id < rows; id++) {
    const draw = random();
    const depot = id % 50 === 0 ? "tiny" : draw < 0.5 ? "north" : "south";
    const day = new Date(Date.UTC(2024, 0, 1 + (id % 40))).toISOString().slice(0, 10);
    const [load, distance] = [normal(), normal()];
    const effect = depot === "north" ? 1.6 * load + 0.4 * distance : 0.8 * load + 1.2 * distance;
    const minutes = id % 61 === 0 ? "" : (effect + normal()).toFixed(4);
    const late = effect + 2 * normal() > 0.5 ? 1 : 0;
    lines.push([id, day, depot, load.toFixed(4), distance.toFixed(4), minutes, late].join(","));
  }
  return `${lines.join("\n")}\n`;
}

const routing = `
targets:
  - { name: minutes, column: minutes, task: regression, horizon_minutes: 30, families: [ridge, broken], promotion: configs/promotion-regression.yaml }
  - { name: late/very, sql: "late = 1", task: binary, positive_class: true, families: [logit, net] }
segments: { column: depot }
families:
  ridge: {}
  broken: { type: ridge, params: { solver: lbfgs } }
  logit: { type: logistic_regression }
  net: { type: mlp, params: { hidden_layer_sizes: [4], max_iter: 30 } }
`;

/** The policy for such a small table: rankings of three features say little about stability. */
export function routingPolicy(least: { readonly symbol: number }): string {
  const every = "[STABLE, DRIFTING, UNKNOWN, DIVERGED]";
  return [
    "version: 1",
    `min_sample_size: { cross_sectional: 400, symbol: ${least.symbol} }`,
    `stability_allowlist: { cross_sectional: ${every}, symbol: ${every} }`,
    "",
  ].join("\n");
}

/** A project with two targets, three segments and a stage 2, ready for \`signalbox routing run\`. */
export async function routingProject(
  folder: string,
  name: string,
  /** With a family that takes long enough to be killed in the middle. */
  { rows = 900, isSlow = false }: { readonly rows?: number; readonly isSlow?: boolean } = {},
): Promise<string> {
  const project = path.join(folder, name);
  const table = path.join(folder, `${name}.csv`);
  writeFileSync(table, deliveries(rows));
  const made = await cli(["init", project, "--table", table, "--target", "late", "--key", "id", "--group", "day"], {
    cwd: folder,
  });
  if (made.code !== 0) throw new Error(made.stderr);
  const slow = routing
    .replace("families: [ridge, broken]", "families: [ridge, forest]")
    .concat("  forest: { type: random_forest, params: { n_estimators: 150, min_samples_leaf: 60 } }\n");
  appendFileSync(path.join(project, "signalbox.yaml"), isSlow ? slow : routing);
  const gate = readFileSync(path.join(project, "configs/promotion.yaml"), "utf8");
  writeFileSync(
    path.join(project, "configs/promotion-regression.yaml"),
    gate
      .replaceAll("reference_log_loss", "reference_rmse")
      .replace("reference_roc_auc, max_absolute_regression: 0.01", "reference_mae, max_relative_regression: 0.05"),
  );
  writeFileSync(path.join(project, "configs/routing.yaml"), routingPolicy({ symbol: 150 }));
  return project;
}
