import type { DecisionBody } from "../../contract/ledger.ts";
import type {
  EvaluatedSet,
  GateResult,
  ResultName,
  SplitResult,
  Versioned,
} from "../../contract/runs/stage-results.ts";
import type { Core, Offers, Stage, StageContext, StageCore, Tracking } from "../../foundation/context.ts";
import type { ProjectPaths } from "../../foundation/files/paths.ts";

/** Dependencies of runs: the core of the stages, and what opening, resuming and cancelling need of configurations and operations. */
export interface RunsCore extends StageCore, Pick<Core, "tracking"> {
  readonly jobs: Pick<Offers["jobs"], "record" | "cancelOf">;
  readonly configs: Offers["configs"];
  readonly environment: Offers["environment"];
  readonly operations: Offers["operations"];
  readonly outbox: Offers["outbox"];
  readonly ownership: Offers["ownership"];
  readonly splits: Pick<Offers["splits"], "isMade">;
}

/** The function of each stage, by its name. */
export type PipelineStages = { readonly [Name in ResultName]: Stage<Name> };

/** A test for the gate: its rows and a model's predictions on them. */
export type ScoredTest = Pick<EvaluatedSet, "name" | "data" | "predictions" | "classes" | "unseenClasses">;

/** Dependencies of a reproduction. */
export interface ReproduceNeeds {
  readonly core: Pick<Core, "catalogue" | "clock" | "env" | "node" | "place" | "project">;
  readonly stages: PipelineStages;
  /** Makes a core for another folder, with its own project and catalogue but the same clock, environment and Python. */
  readonly coreAt: (
    core: Pick<Core, "clock" | "env" | "node">,
    projectDir: string,
    tracking: Tracking,
  ) => { readonly core: StageCore; readonly close: () => Promise<void> };
  /** Puts versioned content below another folder; false if the DVC cache doesn't have it. */
  readonly placeVersioned: (
    projectDir: string,
    content: Versioned,
    into: { readonly folder: string; readonly signal: AbortSignal },
  ) => Promise<boolean>;
  /** Reads the digest of a table's files, and which program wrote the split of a manifest (null without a manifest). */
  readonly masterOf: (
    root: string,
    master: string,
  ) => Promise<{ readonly files: readonly string[]; readonly sha256: string }>;
  readonly splitWriterOf: (manifestFile: string) => Promise<string | null>;
  readonly initDvc: (root: string) => Promise<void>;
  /** Finds the decision on a run in the ledger; undefined if there is none. */
  readonly decisionOf: (paths: ProjectPaths, runId: string) => Promise<DecisionBody | undefined>;
  /** Applies the gate to predictions without recording anything. */
  readonly askGate: (
    context: StageContext,
    tests: { readonly candidate: readonly ScoredTest[]; readonly production: readonly ScoredTest[] | null },
    decided: DecisionBody,
  ) => Promise<GateResult>;
  readonly recordReferenceRead: (
    paths: ProjectPaths,
    split: SplitResult,
    read: { readonly at: string; readonly runId: string; readonly purpose: string },
  ) => Promise<void>;
}
