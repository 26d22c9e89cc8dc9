import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/** Writes the next version of the model, whose fit takes so many iterations, and makes it the active one. */
export function changeModel(project: string, iterations: number): void {
  const models = path.join(project, "configs/models");
  const version = readdirSync(models).length + 1;
  writeFileSync(
    path.join(models, `v${version}.yaml`),
    `version: 1\nseed: 42\nmodel:\n  type: hist_gradient_boosting\n  params: { max_iter: ${iterations}, early_stopping: false }\n`,
  );
  const active = path.join(project, "configs/active.yaml");
  const text = readFileSync(active, "utf8");
  const changed = text.replace(/^model_version:.*$/m, `model_version: ${version}`);
  if (changed === text) throw new Error(`${active} has no model_version.`);
  writeFileSync(active, changed);
}
