import { sideColumns } from "../../../contract/configs/primary-key.ts";
import type { ResolvedConfigs } from "../../../contract/configs/resolved.ts";
import type { SelectionConfig } from "../../../contract/configs/targets.ts";
import type { SplitResult } from "../../../contract/runs/stage-results.ts";
import type { AssessTask, AssessTaskOf } from "../../../contract/trainer/assess-tasks.ts";
import { sha256 } from "../../../foundation/files/digest.ts";
import { canonicalJson } from "../../../foundation/text/canonical-json.ts";
import { contractFor, withFeatures } from "../../runs/record/plan-run-overlay.ts";
import type { Family, Target } from "../policy/targets.ts";
import { evidencePaths } from "./evidence-files.ts";
import { foldSpecOf } from "./fold-spec.ts";
import type { ViewFeatures } from "./view-features.ts";

/** Part of every signature: it changes whenever what the worker computes changes. */
const workerVersion = 1;
/** The most held-out rows on which permutation importances are measured. */
const importanceRows = 2_000;

export interface ViewInput {
  readonly projectDir: string;
  /** Absolute: `.signalbox/evidence`. */
  readonly root: string;
  readonly target: Target;
  readonly segment: { readonly column: string; readonly value: string } | null;
  /** The target's pooled view. */
  readonly pooled: SplitResult;
  /** Absolute path of its train side. */
  readonly trainFile: string;
  readonly features: ViewFeatures;
  readonly configs: ResolvedConfigs;
  readonly selection: SelectionConfig | null;
  /** Digest of the Python environment: other libraries may give other results. */
  readonly environment: string;
}

/** One view as the worker gets it, and the signature that decides whether its evidence is reused. */
export interface ViewTask {
  readonly input: ViewInput;
  readonly signature: string;
  readonly paths: ReturnType<typeof evidencePaths>;
  /** What every task on the view has in common. */
  readonly base: Pick<AssessTask, "view" | "contract" | "feature" | "folds" | "project_dir">;
}

export function viewTask(input: ViewInput): ViewTask {
  const { target, segment, configs, features, selection } = input;
  const { dataContract, feature, split } = configs;
  const kept = new Set(features.features);
  const schema = withFeatures(feature.value, kept);
  const folds = foldSpecOf(split.value, sideColumns(dataContract.value));
  const columns = Object.fromEntries(
    Object.entries(dataContract.value.columns).map(([name, column]) => [
      name,
      { type: column.type, non_nullable: column.non_nullable },
    ]),
  );
  const what = {
    view: { segment, target: target.column, task: target.task, positive_class: target.positiveClass },
    feature: schema,
    folds,
  };
  const made = {
    ...what,
    columns,
    sql: target.sql,
    data: input.pooled.train.sha256,
    selection,
    environment: input.environment,
    workerVersion,
  };
  // Through JSON: keys without a value aren't part of it.
  const signature = sha256(canonicalJson(JSON.parse(JSON.stringify(made))));
  return {
    input,
    signature,
    paths: evidencePaths(input.root, signature),
    base: {
      view: { path: input.trainFile, ...what.view },
      contract: contractFor(dataContract.value, target),
      feature: schema,
      folds,
      project_dir: input.projectDir,
    },
  };
}

export function familySignature(view: ViewTask, family: Family): string {
  const { name: _, stage: __, device: ___, ...fitted } = family;
  return sha256(canonicalJson(JSON.parse(JSON.stringify({ view: view.signature, ...fitted, importanceRows }))));
}

export function prepareTask(view: ViewTask): AssessTaskOf<"prepare"> {
  return { ...view.base, kind: "prepare", signature: view.signature, out: view.paths.prepared };
}

export function selectTask(view: ViewTask, family: Family, selection: SelectionConfig): AssessTaskOf<"select"> {
  const signature = familySignature(view, family);
  return {
    ...view.base,
    kind: "select",
    signature,
    out: view.paths.selected,
    family: familyTask(family),
    selection,
  };
}

export function foldTask(view: ViewTask, family: Family, fold: number): AssessTaskOf<"fold"> {
  const signature = familySignature(view, family);
  return {
    ...view.base,
    kind: "fold",
    signature,
    out: view.paths.fold(signature, fold),
    family: familyTask(family),
    fold,
    selection: view.input.selection,
    importance: { method: "auto", seed: family.seed + fold, max_rows: importanceRows },
  };
}

const familyTask = ({ name, type, params, seed }: Family) => ({ name, type, params, seed });
