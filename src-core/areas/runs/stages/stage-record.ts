import type { Subject } from "../../../contract/operation.ts";
import type { ResultName, StageResults } from "../../../contract/runs/stage-results.ts";

/** What MLflow is given of a stage's result. */
export interface Publication {
  readonly params?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly datasets?: readonly {
    readonly name: string;
    /** At most 36 characters: MLflow's limit. */
    readonly digest: string;
    readonly source: string;
    readonly context: string;
    readonly rows: number;
  }[];
}

/** A subject of the feed of changes with the ids that changed. */
export type Change = readonly [subject: Subject, ids: readonly string[]];

/** What MLflow keeps of a run, as a stage finds itself in it again. */
export interface PublishedRun {
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, number>>;
}

/** All that is known of a stage beside the work itself: a pipeline is a list of these. */
export interface StageRecord<Name extends ResultName = ResultName> {
  readonly name: Name;
  /** What a new run does in it, for a dry run. */
  readonly work: string;
  /** One line for people on what it found. */
  readonly describe: (result: StageResults[Name]) => string;
  /** What of the project it changed, beside the run, for the feed of changes. */
  readonly changes?: (result: StageResults[Name]) => readonly Change[];
  readonly publish: (result: StageResults[Name]) => Publication;
  /** The metrics among what it publishes, flat. */
  readonly metrics: (result: StageResults[Name]) => Readonly<Record<string, number>>;
  /** Whether a parameter of a run is one that it publishes. */
  readonly ownsParam: (key: string) => boolean;
  /** Whether what MLflow keeps shows that it finished: how a rebuild reads it back. */
  readonly isPublished: (run: PublishedRun) => boolean;
}
