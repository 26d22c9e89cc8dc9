import { existsSync } from "node:fs";
import type { RestoredRun } from "../../areas/runs/record/restore-runs.ts";
import { fromTracking, publishedPoints } from "../../areas/runs/record/restore-tracking.ts";
import type { MetricPoint } from "../../areas/runs/store.ts";
import type { RegisteredVersion } from "../../areas/tracking/store.ts";
import { toAppError } from "../../contract/errors.ts";
import type { RebuildMark } from "../../foundation/catalogue/rebuild-mark.ts";
import type { Core, Tracking } from "../../foundation/context.ts";
import type { MlflowRun } from "../../foundation/mlflow/http/schemas.ts";
import { projectIdTag } from "../../foundation/mlflow/project-tags.ts";
import { modelDigestTag } from "../../foundation/mlflow/registry/registry-promotion.ts";

/** What MLflow adds to what the run folders say. */
export interface TrackingAccount {
  /** Runs that have no folder any more. */
  readonly runs: readonly RestoredRun[];
  readonly models: readonly RegisteredVersion[];
  /** Of every run of the project, those with a folder among them. */
  readonly tags: readonly Readonly<Record<string, string>>[];
}

interface Question {
  readonly mark: RebuildMark;
  readonly folders: readonly RestoredRun[];
  readonly signal: AbortSignal;
}

/**
 * Asks the project's tracking server, started for it at the first try where it is the managed one. A project that never had one has nothing
 * to ask. Null, and a line in `missing`, where it doesn't answer.
 */
export async function askTracking(
  core: Pick<Core, "env" | "project" | "tracking" | "trackingFlag">,
  question: Question,
  missing: string[],
): Promise<TrackingAccount | null> {
  const { paths, config } = core.project();
  const isManaged = (core.trackingFlag ?? core.env.MLFLOW_TRACKING_URI ?? config.tracking?.uri ?? "") === "";
  if (isManaged && !existsSync(paths.mlflow)) return null;
  try {
    const isOnlyAsked = !isManaged || question.mark.hasTriedServer;
    const tracking = await core.tracking({ signal: question.signal, isOnlyAsked });
    return await accountOf(core, tracking, question.folders);
  } catch (error) {
    question.signal.throwIfAborted();
    missing.push(`what MLflow knows: ${toAppError(error).message}`);
    return null;
  }
}

/** The experiments and models that carry the project's id, those of its training plans' jobs among them. */
async function accountOf(
  core: Pick<Core, "project">,
  tracking: Tracking,
  folders: readonly RestoredRun[],
): Promise<TrackingAccount> {
  const { client } = tracking;
  const { id } = core.project().config;
  const experiments = await client.experimentsTagged(projectIdTag, id);
  if (experiments.length === 0) return { runs: [], models: [], tags: [] };
  const known = new Set(folders.map(({ row }) => row.runId));
  const runs: RestoredRun[] = [];
  const tags: Readonly<Record<string, string>>[] = [];
  for (const { experimentId, name } of experiments) {
    const found = await client.searchRuns({ experimentIds: [experimentId] });
    for (const run of found.filter((it) => it.tags[projectIdTag] === id)) {
      tags.push(run.tags);
      if (known.has(run.runId)) continue;
      const restored = fromTracking(run, { experiment: name, metrics: await pointsOf(tracking, run) });
      if (restored !== undefined) runs.push(restored);
    }
  }
  const models: RegisteredVersion[] = [];
  for (const { name, tags: own } of await client.listRegisteredModels())
    if (own[projectIdTag] === id) models.push(...(await registeredVersions(tracking, name)));
  return { runs, models, tags };
}

async function pointsOf({ client }: Tracking, run: MlflowRun): Promise<readonly MetricPoint[]> {
  const { points, streamed } = publishedPoints(run);
  const more: MetricPoint[] = [];
  for (const key of streamed) {
    const history = await client.getMetricHistory(run.runId, key);
    more.push(...history.filter((point) => point.step === 0 && point.timestamp === run.startTimeMs));
  }
  return [...points, ...more];
}

/** Versions that Signalbox registered; other programs' carry no digest of ours. */
async function registeredVersions({ client }: Tracking, name: string): Promise<readonly RegisteredVersion[]> {
  const versions = await client.searchModelVersions(name);
  return versions.flatMap((it) => {
    const digest = it.tags[modelDigestTag];
    return digest === undefined
      ? []
      : [{ name, version: it.version, runId: it.runId, digest, registeredAt: it.createdAtMs }];
  });
}
