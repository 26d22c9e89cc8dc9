import { configKinds, kindsOfRun, type Versions } from "../../../contract/configs/config-kinds.ts";
import { type ResolvedConfigs, versionsOf } from "../../../contract/configs/resolved.ts";
import type { PlanRun } from "../../../contract/routing/plan-run.ts";
import type { Project, StageCore } from "../../../foundation/context.ts";
import { sha256 } from "../../../foundation/files/digest.ts";
import { canonicalJson } from "../../../foundation/text/canonical-json.ts";
import { configsOf, projectOf } from "../record/plan-run-overlay.ts";

/** A run before its start: everything that determines its result. */
export interface RunRequest {
  readonly project: Project;
  readonly configs: ResolvedConfigs;
  readonly versions: Versions;
  readonly seed: number;
  /** Job of a training plan that it executes. */
  readonly planRun?: PlanRun | undefined;
  /** Equal for runs that must give the same files and metrics on the same data. */
  readonly fingerprint: string;
}

/** The seed of a run if neither its model schema nor the user sets one. */
const defaultSeed = 42;

export async function resolveRequest(
  core: Pick<StageCore, "configs" | "project">,
  asked: {
    readonly set: Readonly<Record<string, string>>;
    readonly seed?: number | undefined;
    readonly planRun?: PlanRun | undefined;
  },
): Promise<RunRequest> {
  const { planRun } = asked;
  const gate = planRun === undefined ? undefined : { file: planRun.promotion, task: planRun.target.task };
  const [plain, resolved] = [core.project(), await core.configs.resolve(asked.set, gate)];
  const project = planRun === undefined ? plain : projectOf(plain, planRun);
  const configs = planRun === undefined ? resolved : configsOf(resolved, planRun);
  const seed = asked.seed ?? configs.model.value.seed ?? defaultSeed;
  const versions = versionsOf(configs);
  const request = { project, configs, versions, seed, planRun };
  return { ...request, fingerprint: fingerprintOf(request) };
}

function fingerprintOf(run: Omit<RunRequest, "fingerprint">): string {
  const { configs, project } = run;
  const positive = project.config.positive_class;
  return sha256(
    canonicalJson({
      versions: { ...run.versions },
      // The order is part of the fingerprint.
      digests: [...kindsOfRun.map((kind) => configs[configKinds[kind].resolved]), configs.promotion].map(
        (it) => it.digest,
      ),
      seed: run.seed,
      project: {
        name: project.config.name,
        task: project.config.task,
        master: project.config.master,
        target: project.config.target,
        // Only jobs of a plan have it, so the fingerprints of other runs are unchanged.
        ...(run.planRun !== undefined || positive === undefined ? {} : { positive_class: positive }),
      },
      experiment: project.experiment,
      ...(run.planRun === undefined ? {} : { job: trainedOf(run.planRun) }),
    }),
  );
}

/** Selects the part of a job that determines the model, so that an equal job of another plan isn't trained again, even if it was routed differently. */
function trainedOf(plan: PlanRun) {
  const { planHash: _, route: __, competition: ___, marks: ____, ...trained } = plan;
  return trained;
}
