import type { Subject } from "../../../contract/operation.ts";
import type { ResultName, StageResults } from "../../../contract/runs/stage-results.ts";

/** The part of a stage's result that is published to MLflow. */
export interface Publication {
  readonly params?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly datasets?: readonly {
    readonly name: string;
    /** At most 36 characters, the limit of MLflow. */
    readonly digest: string;
    readonly source: string;
    readonly context: string;
    readonly rows: number;
  }[];
}

/** A subject of the feed of changes with the ids that changed. */
export type Change = readonly [subject: Subject, ids: readonly string[]];

/** The part of a run in MLflow from which stages can be restored. */
export interface PublishedRun {
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Describes a stage without its function. A pipeline is a list of these. */
export interface StageRecord<Name extends ResultName = ResultName> {
  readonly name: Name;
  /** What a new run does in this stage, for a dry run. */
  readonly work: string;
  /** Describes the result in one line. */
  readonly describe: (result: StageResults[Name]) => string;
  /** What of the project it changed, beside the run, for the feed of changes. */
  readonly changes?: (result: StageResults[Name]) => readonly Change[];
  readonly publish: (result: StageResults[Name]) => Publication;
  /** The metrics that it publishes, flat. */
  readonly metrics: (result: StageResults[Name]) => Readonly<Record<string, number>>;
  /** Checks whether it publishes a parameter. */
  readonly ownsParam: (key: string) => boolean;
  /** Checks whether the data in MLflow show that it finished, for a rebuild. */
  readonly isPublished: (run: PublishedRun) => boolean;
}
