/** Where older layouts keep the files that routing reads, below the imported folder. */
export const legacyPaths = {
  candidates: "METRICS/routing_candidates.parquet",
  routingPlan: "METRICS/routing_plan",
  trainingPlan: "METRICS/training_plan",
  policy: "CONFIG/training_config/routing_config.yaml",
} as const;

export type LegacyMapping = Readonly<Record<string, unknown>>;

export function isMapping(value: unknown): value is LegacyMapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A key of an older file that has no equivalent today. */
export interface Unmapped {
  /** `routing.min_edge`; for a job's field `<job>.<field>`. */
  readonly key: string;
  readonly reason: string;
}

export const noPlace = "no current key has this meaning";
