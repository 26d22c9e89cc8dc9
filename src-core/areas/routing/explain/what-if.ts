import type { Candidate } from "../../../contract/routing/routing-plans.ts";
import {
  type Routing,
  routeCandidates,
  type SegmentDecision,
  type TargetDecision,
  type ViewDecision,
} from "../decide/route.ts";
import type { HorizonTier, RoutingPolicy } from "../policy/policy.ts";
import { type Outcome, outcomeOf } from "./situation.ts";

/** The part of a training job that a comparison of two plans uses. */
export interface ComparedJob {
  /** Equal for the same job in two plans. */
  readonly key: string;
  readonly device: "cpu" | "gpu";
  /** Null if nothing is known of its duration. */
  readonly seconds: number | null;
}

export interface WhatIfInput {
  readonly candidates: readonly Candidate[];
  readonly policy: RoutingPolicy;
  readonly changed: RoutingPolicy;
  readonly tiers: ReadonlyMap<string, HorizonTier>;
  /** The jobs that the training plan would contain for a routing. */
  readonly jobsOf: (routing: Routing) => readonly ComparedJob[];
}

export interface RouteChange {
  readonly target: string;
  /** Null: the pooled view. */
  readonly symbol: string | null;
  readonly from: Outcome;
  readonly to: Outcome;
  readonly why: string;
}

export interface Workload {
  readonly jobs: number;
  /** Hours of the jobs whose duration is estimated. */
  readonly cpuHours: number;
  readonly gpuHours: number;
  /** Jobs whose duration is unknown, so that the hours don't include them. */
  readonly withoutEstimate: number;
}

export interface WhatIf {
  /** By target, the pooled view first, then by segment. */
  readonly routes: readonly RouteChange[];
  readonly jobsAdded: number;
  readonly jobsRemoved: number;
  readonly before: Workload;
  readonly after: Workload;
}

/** What another policy would decide on the same evidence; writes nothing. */
export function whatIf({ candidates, policy, changed, tiers, jobsOf }: WhatIfInput): WhatIf {
  const before = routeCandidates({ candidates, policy, tiers });
  const after = routeCandidates({ candidates, policy: changed, tiers });
  const [jobsBefore, jobsAfter] = [jobsOf(before), jobsOf(after)];
  return {
    // The same table gives the same targets and segments in the same order.
    routes: before.flatMap((one, at) => changesIn(one, after[at] ?? one)),
    jobsAdded: countMissing(jobsAfter, jobsBefore),
    jobsRemoved: countMissing(jobsBefore, jobsAfter),
    before: workload(jobsBefore),
    after: workload(jobsAfter),
  };
}

function changesIn(before: TargetDecision, after: TargetDecision): readonly RouteChange[] {
  const { target } = before;
  const [from, to] = [outcomeOf(before, null), outcomeOf(after, null)];
  const pooled = viewChange("cross-sectional", before.crossSectional, after.crossSectional);
  const segments = before.segments.flatMap((segment, at) => {
    const now = after.segments[at] ?? segment;
    if (segment.route === now.route) return [];
    return [{ target, symbol: segment.symbol, from: segment.route, to: now.route, why: whyOf(segment, now, pooled) }];
  });
  return from === to ? segments : [{ target, symbol: null, from, to, why: pooled ?? "" }, ...segments];
}

function whyOf(before: SegmentDecision, after: SegmentDecision, pooled: string | null): string {
  const own = viewChange("segment", before.view, after.view);
  const changes = [pooled, own].filter((one) => one !== null);
  if (changes.length > 0) return changes.join("; ");
  return `both views are good enough: ${after.combination.policy_key} is ${after.combination.threshold}`;
}

function viewChange(name: string, before: ViewDecision, after: ViewDecision): string | null {
  if (before.signal === after.signal) return null;
  return `${name} ${before.signal} → ${after.signal}: ${after.reason}`;
}

function countMissing(jobs: readonly ComparedJob[], among: readonly ComparedJob[]): number {
  const known = new Set(among.map(({ key }) => key));
  return jobs.filter(({ key }) => !known.has(key)).length;
}

function workload(jobs: readonly ComparedJob[]): Workload {
  const hours = (device: ComparedJob["device"]) =>
    jobs.reduce((sum, job) => sum + (job.device === device ? (job.seconds ?? 0) : 0), 0) / 3_600;
  return {
    jobs: jobs.length,
    cpuHours: hours("cpu"),
    gpuHours: hours("gpu"),
    withoutEstimate: jobs.filter(({ seconds }) => seconds === null).length,
  };
}
