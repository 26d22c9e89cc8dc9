import type { PlanRun } from "../../../contract/routing/plan-run.ts";
import type { PlanJob } from "../../../contract/routing/routing-plans.ts";
import type { Project } from "../../../foundation/context.ts";
import { sha256 } from "../../../foundation/files/digest.ts";
import { lengthOf, limits } from "../../../foundation/mlflow/http/names.ts";
import { encodePart } from "../../configs/name-part.ts";

/** One view's model of a target, or the ensemble that a segment's two parents make. */
export interface ModelIdentity {
  readonly project: string;
  readonly target: string;
  readonly segment: string | null;
  readonly isEnsemble: boolean;
}

/** Used if a part is absent but one follows: no part is encoded like this, and MLflow refuses two dots in a row. */
const absent = "~";

function join(parts: readonly string[]): string {
  const name = parts.join(".");
  if (lengthOf(name) <= limits.key) return name;
  // `~h` isn't an escape, so a shortened name never equals another's full name.
  const digest = `~h${sha256(name).slice(0, 32)}`;
  return `${Array.from(name)
    .slice(0, limits.key - digest.length)
    .join("")}${digest}`;
}

/**
 * `<project>.<target>[.<segment>[.ensemble]]` as a name of MLflow's registry, which allows no `/`, `:` and `..`: two
 * models never share one, and `encodeModelName` leaves it unchanged. At most 250 characters; a longer one is shortened and
 * ends with a digest of the whole.
 */
export function registeredModelName({ project, target, segment, isEnsemble }: ModelIdentity): string {
  const parts = [encodePart(project), encodePart(target)];
  if (segment !== null) parts.push(encodePart(segment));
  else if (isEnsemble) parts.push(absent);
  if (isEnsemble) parts.push("ensemble");
  return join(parts);
}

/** `<experiment>.<target>[.<segment>]`, encoded in the same way. */
export function experimentName(experiment: string, target: string, segment: string | null): string {
  const parts = [encodePart(experiment), encodePart(target)];
  return join(segment === null ? parts : [...parts, encodePart(segment)]);
}

/** The names on a server of what a job trains. */
export function namesOf(
  job: PlanJob,
  { config, experiment }: Pick<Project, "config" | "experiment">,
): Pick<PlanRun, "experiment" | "registeredModel"> {
  const { target, symbol: segment } = job;
  const isEnsemble = job.training_type === "ensemble";
  return {
    experiment: experimentName(experiment, target, segment),
    registeredModel: registeredModelName({ project: config.name, target, segment, isEnsemble }),
  };
}
