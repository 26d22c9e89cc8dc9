import { nextStep } from "../../../contract/build-step.ts";
import { AppError } from "../../../contract/errors.ts";
import type { Route, TrainingType } from "../../../contract/routing/routes.ts";
import { type PlanJob, planJobSchema } from "../../../contract/routing/routing-plans.ts";
import { compareCodePoints } from "../../../foundation/text/code-points.ts";
import { compareViews } from "../candidates/candidate-order.ts";
import { jobId } from "../plan/job-id.ts";
import { isMapping, type LegacyMapping, noPlace, type Unmapped } from "./legacy-layout.ts";
import { legacyRoute } from "./legacy-routes.ts";

export interface LegacyJobs {
  readonly jobs: PlanJob[];
  readonly unmapped: readonly Unmapped[];
}

/** An older job and what it was converted to. */
interface MappedJob {
  readonly label: string;
  readonly dependsOn: readonly string[];
  readonly jobs: readonly PlanJob[];
}

/**
 * Converts the jobs of an older training plan. One for several symbols becomes several; several that differ only in their
 * family become one, whose families compete. Ids are recomputed and dependencies follow them.
 * @throws routing/legacy-unknown for a file without jobs
 */
export function mapLegacyJobs(file: unknown): LegacyJobs {
  const unmapped: Unmapped[] = [];
  const mapped = jobList(file).map((value, index) => mapJob(value, `jobs[${index}]`, unmapped));
  const byLabel = Map.groupBy(mapped, ({ label }) => label);
  const jobs = new Map<string, PlanJob>();
  for (const job of mapped.flatMap((one) => linked(one, byLabel, unmapped))) {
    const other = jobs.get(job.job_id);
    jobs.set(job.job_id, other === undefined ? job : merged(other, job));
  }
  return { jobs: [...jobs.values()].sort(compareJobs), unmapped };
}

function jobList(file: unknown): readonly unknown[] {
  const list = Array.isArray(file) ? file : isMapping(file) ? (file.jobs ?? file.training_jobs) : undefined;
  if (Array.isArray(list)) return list;
  throw new AppError({
    code: "routing/legacy-unknown",
    message: "The older training plan has no list of jobs: neither `jobs` nor `training_jobs`.",
    hint: "Name the folder that holds METRICS/training_plan/, or build a plan.",
    next: [nextStep("routing.planBuild", {}, "builds one")],
  });
}

const typeNames: ReadonlyMap<unknown, TrainingType> = new Map<unknown, TrainingType>([
  ["cross_sectional", "cross_sectional"],
  ["cs", "cross_sectional"],
  ["symbol_specific", "symbol_specific"],
  ["symbol", "symbol_specific"],
  ["ensemble", "ensemble"],
]);
const routeOfType: Readonly<Record<TrainingType, Route>> = {
  cross_sectional: "ROUTE_CROSS_SECTIONAL",
  symbol_specific: "ROUTE_SYMBOL_SPECIFIC",
  ensemble: "ROUTE_BOTH",
};

function texts(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((one) => typeof one === "string" && one !== "").map(String);
}

/** Members that are read below under their older or current names; any other is reported as unmapped. */
const readFields = new Set([
  ...["job_id", "target", "symbol", "symbols", "training_type", "type", "route", "stage", "priority"],
  ...["model_families", "model_family", "depends_on", "reason"],
]);
/** Members that are copied if the current schema accepts them. */
const sameFields = [
  "resources",
  "estimated_samples",
  "estimated_seconds",
  "estimate_basis",
  "feature_set_id",
  "is_experiment",
] as const;

function mapJob(value: unknown, position: string, unmapped: Unmapped[]): MappedJob {
  const old: LegacyMapping = isMapping(value) ? value : {};
  const label = typeof old.job_id === "string" ? old.job_id : position;
  const miss = (field: string, reason: string) => unmapped.push({ key: `${label}.${field}`, reason });
  for (const field of Object.keys(old))
    if (!readFields.has(field) && !sameFields.some((one) => one === field)) miss(field, noPlace);
  const type = typeNames.get(String(old.training_type ?? old.type ?? "").toLowerCase());
  const left = { label, dependsOn: [], jobs: [] };
  if (typeof old.target !== "string" || old.target === "") {
    miss("target", "a job needs exactly one target, so it is skipped");
    return left;
  }
  if (type === undefined) {
    miss("type", "an unknown type, so the job is skipped");
    return left;
  }
  const named = texts(old.symbols ?? old.symbol);
  if (type === "cross_sectional" && named.length > 0) miss("symbols", "a cross-sectional job is of all segments");
  if (type !== "cross_sectional" && named.length === 0)
    miss("symbols", "a job of one segment must name it, so it is skipped");
  const symbols = type === "cross_sectional" ? [null] : named;
  return {
    label,
    dependsOn: texts(old.depends_on),
    jobs: symbols.map((symbol) => jobOf(old, { target: String(old.target), symbol, training_type: type }, miss)),
  };
}

function jobOf(
  old: LegacyMapping,
  identity: Pick<PlanJob, "target" | "symbol" | "training_type">,
  miss: (field: string, reason: string) => void,
): PlanJob {
  const { training_type } = identity;
  const route = legacyRoute(old.route);
  if (old.route !== undefined && route === undefined) miss("route", "an unknown route");
  const stage = old.stage === 2 ? 2 : 1;
  if (old.stage !== undefined && old.stage !== stage) miss("stage", "a stage is 1 or 2");
  const isPriority = Number.isInteger(old.priority);
  if (old.priority !== undefined && !isPriority) miss("priority", "a whole number");
  const job: PlanJob = {
    job_id: jobId({ ...identity, stage }),
    ...identity,
    route: route ?? routeOfType[training_type],
    stage,
    model_families: [...new Set(texts(old.model_families ?? old.model_family))].sort(compareCodePoints),
    priority: isPriority ? Number(old.priority) : training_type === "ensemble" ? 3 : 2,
    depends_on: [],
    starts_after: [],
    resources: { device: "cpu", memory_gib: 1, gpu_memory_gib: 0 },
    estimated_samples: null,
    estimated_seconds: null,
    estimate_basis: "no evidence",
    feature_set_id: null,
    is_experiment: route === "ROUTE_EXPERIMENTAL_ONLY",
    reason: texts(old.reason)[0] ?? "Imported from an older training plan.",
    trace: [],
  };
  return withSameFields(job, old, miss);
}

function withSameFields(job: PlanJob, old: LegacyMapping, miss: (field: string, reason: string) => void): PlanJob {
  let mapped = job;
  for (const field of sameFields) {
    if (old[field] === undefined) continue;
    const changed = planJobSchema.safeParse({ ...mapped, [field]: old[field] });
    if (changed.success) mapped = changed.data;
    else miss(field, "not in the current format");
  }
  return mapped;
}

/** The jobs with their dependencies: of a job that became several, the one of the same segment. */
function linked(
  job: MappedJob,
  byLabel: ReadonlyMap<string, readonly MappedJob[]>,
  unmapped: Unmapped[],
): readonly PlanJob[] {
  if (job.dependsOn.length === 0) return job.jobs;
  const parents = job.dependsOn.flatMap((label) => {
    const found = (byLabel.get(label) ?? []).flatMap((one) => one.jobs);
    if (found.length === 0) unmapped.push({ key: `${job.label}.depends_on`, reason: `there is no job ${label}` });
    return found.length === 0 ? [] : [found];
  });
  return job.jobs.map((one) => {
    const ids = parents.flatMap((several) => {
      const same = several.filter(({ symbol }) => symbol === one.symbol);
      return (same.length > 0 ? same : several).map(({ job_id }) => job_id);
    });
    return { ...one, depends_on: [...new Set(ids)].filter((id) => id !== one.job_id) };
  });
}

function merged(a: PlanJob, b: PlanJob): PlanJob {
  const union = (one: readonly string[], other: readonly string[]) =>
    [...new Set([...one, ...other])].sort(compareCodePoints);
  return {
    ...a,
    model_families: union(a.model_families, b.model_families),
    depends_on: union(a.depends_on, b.depends_on),
    priority: Math.max(a.priority, b.priority),
  };
}

function compareJobs(a: PlanJob, b: PlanJob): number {
  const rank = ({ stage, training_type }: PlanJob) => stage * 2 + (training_type === "ensemble" ? 1 : 0);
  return compareCodePoints(a.target, b.target) || compareViews(a.symbol, b.symbol) || rank(a) - rank(b);
}
