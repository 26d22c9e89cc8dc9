import { existsSync, globSync, mkdirSync, statSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { counted } from "../../../../src-view/numbers.ts";
import { nextStep } from "../../../contract/build-step.ts";
import { commandText } from "../../../contract/command-text.ts";
import { AppError } from "../../../contract/errors.ts";
import type { OperationOutput } from "../../../contract/index.ts";
import type { RoutingPlan, TrainingPlan } from "../../../contract/routing/routing-plans.ts";
import type { Core } from "../../../foundation/context.ts";
import { readText, writeFileDurable } from "../../../foundation/files/durable.ts";
import { readCandidates, writeCandidates } from "../candidates/candidate-files.ts";
import { taskNames } from "../decide/routing-inputs.ts";
import type { RoutingNeeds } from "../needs.ts";
import { publishRoutingPlan } from "../plan/plan-files.ts";
import { assemblePlan } from "../plan/training-plan.ts";
import { mapLegacyJobs } from "./legacy-jobs.ts";
import { legacyPaths } from "./legacy-layout.ts";
import { mapLegacyPolicy } from "./legacy-policy.ts";
import { mapLegacyRoutes } from "./legacy-routes.ts";

type Imported = OperationOutput<"routing.import">;

/**
 * Copies an older layout to its current places: the candidate table, the policy, the routing plan. Its training plan is only
 * used if `--legacy-plan` names it; here it is only searched for keys that have no equivalent.
 * @throws files/not-found, routing/legacy-unknown if the folder holds none of them
 */
export async function importLegacy(
  core: Pick<Core, "clock" | "project" | "projectDir">,
  needs: Pick<RoutingNeeds, "targets">,
  { dir, isForced }: { readonly dir: string; readonly isForced: boolean },
): Promise<Imported> {
  const root = path.resolve(core.projectDir, dir);
  const { paths } = core.project();
  const result: Imported = { written: [], kept: [], unmapped: [], notes: [], actions: [] };
  const relative = (file: string) => path.relative(paths.root, file);
  const put = async (file: string, write: () => void | Promise<void>) => {
    if (existsSync(file) && !isForced) {
      result.kept.push(relative(file));
      return;
    }
    await write();
    result.written.push(relative(file));
  };
  if (!existsSync(root) || !statSync(root).isDirectory()) throw noFolder(root);
  const found = Object.values(legacyPaths).filter((name) => existsSync(path.join(root, name)));
  if (found.length === 0) throw nothingFound(root);

  const candidates = path.join(root, legacyPaths.candidates);
  if (existsSync(candidates)) {
    const table = await readCandidates(candidates, taskNames(core, needs));
    await put(path.join(paths.routing, "routing_candidates.parquet"), async () => {
      const file = path.join(paths.routing, "routing_candidates.parquet");
      mkdirSync(path.dirname(file), { recursive: true });
      await writeCandidates(file, table.candidates, "parquet");
    });
    for (const bad of table.bad)
      result.unmapped.push({ file: legacyPaths.candidates, key: bad.key, reason: bad.problems.join("; ") });
    for (const column of table.unknownColumns)
      result.unmapped.push({
        file: legacyPaths.candidates,
        key: column,
        reason: "the candidate table has no such column",
      });
  }

  const policy = path.join(root, legacyPaths.policy);
  if (existsSync(policy)) {
    const { yaml, unmapped } = mapLegacyPolicy(parsed(policy));
    await put(paths.routingFile, () => writeFileDurable(paths.routingFile, yaml));
    for (const it of unmapped) result.unmapped.push({ file: legacyPaths.policy, ...it });
  }

  for (const file of plansBelow(path.join(root, legacyPaths.routingPlan))) {
    const { targets, unmapped } = mapLegacyRoutes(parsed(file));
    const plan: RoutingPlan = {
      schema_version: 1,
      // Made elsewhere: this project's candidates and policy don't lead to it, so it counts as stale here.
      metadata: {
        generated_at: core.clock.now().toISOString(),
        git_commit: null,
        config_hash: "",
        candidates_hash: "",
        marks: ["imported"],
      },
      targets,
    };
    await put(path.join(paths.routing, "routing_plan.json"), () => publishRoutingPlan(paths.routing, plan));
    for (const it of unmapped) result.unmapped.push({ file: path.relative(root, file), ...it });
  }

  for (const file of plansBelow(path.join(root, legacyPaths.trainingPlan))) {
    const { jobs, unmapped } = mapLegacyJobs(parsed(file));
    for (const it of unmapped) result.unmapped.push({ file: path.relative(root, file), ...it });
    const step = nextStep("routing.train", { legacyPlan: file }, "trains it unchanged");
    const { declaredForm } = await import("../../../contract/declared-forms.ts");
    result.notes.push(
      `${path.relative(root, file)} holds ${counted(jobs.length, "job")}; it wasn't imported: ${commandText(step, declaredForm)} ${step.why}.`,
    );
    result.actions.push(step);
  }
  return result;
}

/** JSON and YAML files of plans in a folder, or the file itself. */
function plansBelow(place: string): readonly string[] {
  if (!existsSync(place)) return [];
  if (statSync(place).isFile()) return [place];
  return globSync("*.{json,yaml,yml}", { cwd: place })
    .toSorted()
    .map((name) => path.join(place, name))
    .slice(0, 1);
}

function parsed(file: string): unknown {
  try {
    return parse(readText(file), { maxAliasCount: 100 });
  } catch (error) {
    throw new AppError({
      code: "routing/legacy-unknown",
      message: `${file} is neither JSON nor YAML: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`,
      hint: "Correct or remove the file, then import again.",
      details: { file },
    });
  }
}

function noFolder(root: string): AppError {
  return new AppError({
    code: "files/not-found",
    message: `${root} isn't a folder.`,
    hint: "Name the folder that holds METRICS/ and CONFIG/.",
    details: { dir: root },
  });
}

function nothingFound(root: string): AppError {
  const places = Object.values(legacyPaths).join(", ");
  return new AppError({
    code: "routing/legacy-unknown",
    message: `${root} holds no file of an older layout.`,
    hint: `Looked for ${places}.`,
    details: { dir: root },
  });
}

/**
 * Reads an older training plan for training; only if the user named it.
 * @throws files/not-found, routing/legacy-unknown
 */
export function readLegacyPlan(
  core: Pick<Core, "clock" | "projectDir">,
  place: string,
): { readonly plan: TrainingPlan; readonly notes: string[] } {
  const at = path.resolve(core.projectDir, place);
  const [file] = plansBelow(at);
  if (file === undefined) throw noFolder(at);
  const { jobs, unmapped } = mapLegacyJobs(parsed(file));
  const nothing = { candidates_hash: "", config_hash: "", routing_plan_hash: "" };
  const plan = assemblePlan({
    jobs,
    skipped: [],
    inputs: { ...nothing, dataset_hash: null, split_hash: null, features_hash: null, project_hash: null },
    marks: ["legacy plan"],
    generatedAt: core.clock.now().toISOString(),
    gitCommit: null,
  });
  return { plan, notes: unmapped.map(({ key, reason }) => `${key} of ${file} has no equivalent: ${reason}`) };
}
