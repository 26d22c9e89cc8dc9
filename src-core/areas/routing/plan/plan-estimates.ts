import type { FamilyEvidence, ViewEvidence } from "../../../contract/routing/routing-evidence.ts";
import type { PlanJob } from "../../../contract/routing/routing-plans.ts";

/** Seconds that a pipeline takes apart from the fit: starting Python, reading, evaluating, recording. */
const pipelineSeconds = 8;
/** Assumed if nothing was measured, GiB. */
const defaultMemoryGib = 1;
const memoryStepGib = 0.25;

export type PlanEstimate = Pick<PlanJob, "resources" | "estimated_samples" | "estimated_seconds" | "estimate_basis">;

export interface EstimateInput {
  readonly families: readonly string[];
  readonly device: "cpu" | "gpu";
  readonly evidence: ViewEvidence | undefined;
  /** Usable rows of train, or of the view if those aren't known. */
  readonly samples: number | null;
}

interface FullFit {
  readonly family: FamilyEvidence;
  /** Mean seconds of one fold. */
  readonly foldSeconds: number;
  readonly seconds: number;
}

/** A fold is fitted on (folds - 1) / folds of the rows: all rows take folds / (folds - 1) times as long. */
function fullFit(family: FamilyEvidence): FullFit {
  const folds = family.fit_seconds.length;
  const foldSeconds = family.fit_seconds.reduce((sum, one) => sum + one, 0) / folds;
  return {
    family,
    foldSeconds,
    seconds: family.folds > 1 ? (foldSeconds * family.folds) / (family.folds - 1) : foldSeconds,
  };
}

function inWords(seconds: number): string {
  return `${Number(seconds.toPrecision(2))} s`;
}

/** Assumed if nothing was measured; one object for all such jobs. */
const assumed: Readonly<Record<"cpu" | "gpu", PlanEstimate["resources"]>> = {
  cpu: { device: "cpu", memory_gib: defaultMemoryGib, gpu_memory_gib: 0 },
  gpu: { device: "gpu", memory_gib: defaultMemoryGib, gpu_memory_gib: defaultMemoryGib },
};

/**
 * What a job needs, estimated from the folds. Out-of-fold results are reused, so a job fits only its winner; the slowest
 * family is assumed, because the winner isn't known yet.
 */
export function estimateJob({ families, device, evidence, samples }: EstimateInput): PlanEstimate {
  const measured = evidence?.families.filter(({ family }) => families.includes(family)) ?? [];
  const slowest = measured
    .filter(({ fit_seconds }) => fit_seconds.length > 0)
    .map(fullFit)
    .reduce<FullFit | null>((most, one) => (most !== null && most.seconds >= one.seconds ? most : one), null);
  return {
    resources: resourcesOf(device, measured),
    estimated_samples: samples,
    estimated_seconds: slowest === null ? null : Math.round((slowest.seconds + pipelineSeconds) * 10) / 10,
    estimate_basis: slowest === null ? "no evidence" : basisOf(slowest, families.length),
  };
}

function resourcesOf(device: "cpu" | "gpu", measured: readonly FamilyEvidence[]): PlanEstimate["resources"] {
  const peak = measured.reduce((most, { peak_memory_bytes }) => Math.max(most, peak_memory_bytes ?? 0), 0);
  if (peak === 0) return assumed[device];
  const memory = Math.ceil(peak / 2 ** 30 / memoryStepGib) * memoryStepGib;
  // The GPU memory of the folds isn't measured: assume as much as of the machine's memory.
  return { device, memory_gib: memory, gpu_memory_gib: device === "gpu" ? memory : 0 };
}

function basisOf({ family, foldSeconds, seconds }: FullFit, families: number): string {
  const among = families === 1 ? "" : `, the slowest of ${families} families`;
  return `${family.fit_seconds.length} folds of ${family.family} took ${inWords(foldSeconds)} each${among}: ${inWords(seconds)} for all rows, and ${pipelineSeconds} s around the fit`;
}

/** An ensemble fits a few weights on existing predictions: it costs only the pipeline. */
export function estimateEnsemble(samples: number | null): PlanEstimate {
  return {
    resources: assumed.cpu,
    estimated_samples: samples,
    estimated_seconds: pipelineSeconds,
    estimate_basis: `no fit: ${pipelineSeconds} s for weights from held-out predictions and the steps around them`,
  };
}
