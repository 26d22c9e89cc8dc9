import type { DecisionBody } from "../../contract/ledger.ts";
import type { EvaluatedSet, GateResult, ResultName, Versioned } from "../../contract/runs/stage-results.ts";
import type {
  ConfigsOffer,
  Core,
  OperationsOffer,
  OutboxOffer,
  Stage,
  StageContext,
  StageCore,
  Tracking,
} from "../../foundation/context.ts";
import type { ProjectPaths } from "../../foundation/files/paths.ts";
import type { RunRequest } from "./pipeline/request.ts";

/** What runs are handed: the stages' core, and what opening, resuming and cancelling a run asks of configurations and operations. */
export interface RunsCore extends StageCore, Pick<Core, "tracking"> {
  readonly configs: ConfigsOffer;
  readonly operations: OperationsOffer;
  readonly outbox: OutboxOffer;
}

/** The work of each stage, by its name. */
export type PipelineStages = { readonly [Name in ResultName]: Stage<Name> };

/** A test as the gate takes it: its rows and what a model predicted on them. */
export type ScoredTest = Pick<EvaluatedSet, "name" | "data" | "predictions" | "classes">;

/** What a dry run needs of other areas. */
export interface DryRunNeeds {
  readonly isSplitThere: (request: Pick<RunRequest, "project" | "configs">) => Promise<boolean>;
}

/** What a repetition needs of other areas. */
export interface ReproduceNeeds {
  readonly core: Pick<Core, "catalogue" | "clock" | "env" | "node" | "place" | "project">;
  readonly stages: PipelineStages;
  /** A core for another folder: its own project and catalogue; clock, environment and Python are the same. */
  readonly coreAt: (
    core: Pick<Core, "clock" | "env" | "node">,
    projectDir: string,
    tracking: Tracking,
  ) => { readonly core: StageCore; readonly close: () => Promise<void> };
  /** Puts a versioned content below another folder; false where the DVC cache doesn't hold it. */
  readonly placeVersioned: (
    projectDir: string,
    content: Versioned,
    into: { readonly folder: string; readonly signal: AbortSignal },
  ) => Promise<boolean>;
  /** The digest of a table's files, and what wrote the split that a manifest describes (null for no manifest). */
  readonly masterOf: (
    root: string,
    master: string,
  ) => Promise<{ readonly files: readonly string[]; readonly sha256: string }>;
  readonly splitWriterOf: (manifestFile: string) => Promise<string | null>;
  readonly initDvc: (root: string) => Promise<void>;
  /** What the ledger says of a run; undefined where it was not decided. */
  readonly decisionOf: (paths: ProjectPaths, runId: string) => Promise<DecisionBody | undefined>;
  /** The gate's answer to predictions, nothing recorded. */
  readonly askGate: (
    context: StageContext,
    tests: { readonly candidate: readonly ScoredTest[]; readonly production: readonly ScoredTest[] | null },
    decided: DecisionBody,
  ) => Promise<GateResult>;
  readonly recordReferenceRead: (
    paths: ProjectPaths,
    read: { readonly at: string; readonly runId: string; readonly purpose: string; readonly sha256: string },
  ) => Promise<void>;
}
