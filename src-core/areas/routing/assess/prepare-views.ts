import path from "node:path";
import { counted } from "../../../../src-view/numbers.ts";
import type { ResolvedConfigs } from "../../../contract/configs/resolved.ts";
import type { OperationContext, Progress } from "../../../contract/operation.ts";
import type { SplitResult } from "../../../contract/runs/stage-results.ts";
import type { Project } from "../../../foundation/context.ts";
import { openDuck } from "../../../foundation/duck/open.ts";
import { temporaryPath } from "../../../foundation/files/durable.ts";
import type { RoutingCore, RoutingNeeds } from "../needs.ts";
import type { Target } from "../policy/targets.ts";
import { countSegments } from "./view-counts.ts";

/** One target with its pooled view, and how many rows each segment has on each side. */
export interface PooledTarget {
  readonly target: Target;
  readonly pooled: SplitResult;
  readonly segments: readonly { readonly value: string; readonly train: number; readonly reference: number }[];
}

export interface PreparedViews {
  readonly project: Project;
  readonly configs: ResolvedConfigs;
  readonly shared: SplitResult;
  readonly targets: readonly PooledTarget[];
}

/** The split, made if necessary, and its pooled view for each target with the segments. */
export async function prepareViews(
  core: Pick<RoutingCore, "configs" | "project">,
  needs: RoutingNeeds,
  context: OperationContext,
): Promise<PreparedViews> {
  const project = core.project();
  const targets = needs.targets();
  const configs = await core.configs.resolve({});
  const began = Date.now();
  context.report({ stage: "split", state: "started" });
  const splitContext = {
    project,
    configs,
    signal: context.signal,
    report: (progress: Progress) => context.report({ ...progress, stage: "split" }),
  };
  const shared = await needs.sharedSplit(splitContext);
  const duck = await openDuck({
    tempDirectory: temporaryPath(path.join(project.paths.cache, "segments")),
    signal: context.signal,
  });
  try {
    const pooled: PooledTarget[] = [];
    for (const target of targets) {
      context.report({ stage: "split", message: `rows of ${target.name}` });
      const view = await needs.splitView(splitContext, shared, { target, segment: null });
      const files = {
        train: path.join(project.paths.root, view.train.path),
        reference: path.join(project.paths.root, view.reference.path),
      };
      const counts = await countSegments(duck, files, project.config.segments?.column ?? null);
      const values = [...new Set([...counts.train.keys(), ...counts.reference.keys()])].toSorted();
      const segments = values.map((value) => ({
        value,
        train: counts.train.get(value) ?? 0,
        reference: counts.reference.get(value) ?? 0,
      }));
      pooled.push({ target, pooled: view, segments });
    }
    const message = whatWasFound(shared.train.rows, pooled, project.config.segments !== undefined);
    context.report({ stage: "split", state: "finished", elapsedMs: Date.now() - began, message });
    return { project, configs, shared, targets: pooled };
  } finally {
    duck.close();
  }
}

/** What is counted of a target's rows. */
type Counted = Pick<PooledTarget, "segments"> & {
  readonly pooled: Readonly<Record<"train" | "reference", { readonly rows: number }>>;
};

/** "7,000 training rows, 4 targets, 16 segments, 60 rows without a segment (in the pooled view alone)" */
export function whatWasFound(trainRows: number, targets: readonly Counted[], hasSegments: boolean): string {
  const found = [
    `${counted(trainRows, "training row")}`,
    `${counted(targets.length, "target")}`,
    `${counted(segmentCount(targets), "segment")}`,
  ];
  const none = hasSegments ? Math.max(...targets.map(rowsInNone)) : 0;
  if (none > 0) found.push(`${counted(none, "row")} without a segment (in the pooled view alone)`);
  return found.join(", ");
}

function rowsInNone({ pooled, segments }: Counted): number {
  const inSegments = segments.reduce((sum, { train, reference }) => sum + train + reference, 0);
  return pooled.train.rows + pooled.reference.rows - inSegments;
}

function segmentCount(targets: readonly Counted[]): number {
  return new Set(targets.flatMap(({ segments }) => segments.map(({ value }) => value))).size;
}
