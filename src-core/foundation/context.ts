import type { ActiveConfig } from "../contract/configs/active-config.ts";
import type { FrozenReference } from "../contract/configs/frozen-reference.ts";
import type { ProjectConfig, Task } from "../contract/configs/project-config.ts";
import type { ResolvedConfigs } from "../contract/configs/resolved.ts";
import type { Check } from "../contract/environment.ts";
import type { LedgerEntry, NewLedgerEntry } from "../contract/ledger.ts";
import type { NextStep } from "../contract/next-step.ts";
import type { Progress } from "../contract/operation.ts";
import type { PlanRun } from "../contract/routing/plan-run.ts";
import type { StageResults, TrainResult } from "../contract/runs/stage-results.ts";
import type { Catalogue, CatalogueWriter } from "./catalogue/open.ts";
import type { Hold } from "./exec/named-locks.ts";
import type { Place, PythonEnvironment } from "./exec/place.ts";
import type { JobRecord } from "./exec/run-job.ts";
import type { ProjectPaths } from "./files/paths.ts";
import type { MlflowClient } from "./mlflow/client.ts";
import type { MlflowRun } from "./mlflow/http/schemas.ts";

/** What app.ts hands to the areas. Types only: an area gets what it works with here and imports no other area. */

export interface Clock {
  readonly now: () => Date;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** A project as its signalbox.yaml describes it; read again by every operation. */
export interface Project {
  readonly paths: ProjectPaths;
  readonly config: ProjectConfig;
  /** Names with their defaults applied. */
  readonly experiment: string;
  readonly registeredModel: string;
}

export interface Tracking {
  readonly client: MlflowClient;
  readonly uri: string;
  /** Where the choice of server came from. */
  readonly source: "flag" | "MLFLOW_TRACKING_URI" | "signalbox.yaml" | "managed";
}

/** An open project: what every area may be given. A function takes the members it uses: `Pick<Core, "catalogue" | "clock">`. */
export interface Core {
  /** Absolute; the folder `--project` names, or the nearest one above the working folder with a signalbox.yaml. */
  readonly projectDir: string;
  /** @throws projects/not-found, configs/* */
  readonly project: () => Project;
  readonly catalogue: () => Catalogue;
  readonly clock: Clock;
  readonly env: Environment;
  /** The user's data folder (`dataHome`). */
  readonly home: string;
  /** The value of `--tracking-uri`. */
  readonly trackingFlag: string | undefined;
  /** The tracking server of the project; starts the managed one if that is what the project uses. */
  readonly tracking: (options?: {
    readonly signal?: AbortSignal | undefined;
    readonly flag?: string | undefined;
    /** Starts no server and doesn't wait for a slow one: for what another command can do later. */
    readonly isOnlyAsked?: boolean;
  }) => Promise<Tracking>;
  /** This machine's Python environment with these groups beside the base; builds it if missing. A job takes that of its place. */
  readonly python: (groups?: readonly string[], report?: (progress: Progress) => void) => Promise<PythonEnvironment>;
  /** Where jobs run. */
  readonly place: Place;
  /** Absolute path of the Node that the project's own programs are started with. */
  readonly node: string;
}

/** Configuration as the areas use it that don't own it. */
export interface ConfigsOffer {
  readonly active: () => ActiveConfig;
  /** Runtime values (`{split_version: "2"}`) else the active defaults. @throws configs/* */
  readonly resolve: (
    settings: Readonly<Record<string, string>>,
    /** Another gate than the project's, and the task it judges. */
    gate?: { readonly file: string; readonly task: Task },
  ) => Promise<ResolvedConfigs>;
  /** @throws configs/version-changed where a used version's file is no longer what the run used */
  readonly checkFrozen: (configs: ResolvedConfigs) => Promise<void>;
  /** Files of the active versions that don't exist. */
  readonly missingActive: () => Promise<readonly string[]>;
  /** Files of used versions that were changed or deleted since, and the steps that keep what was written and restore them. */
  readonly changedVersions: () => Promise<{ readonly files: readonly string[]; readonly actions: readonly NextStep[] }>;
  /** Records the versions that a run uses, the first time each is used. */
  readonly freeze: (configs: ResolvedConfigs, runId: string) => Promise<void>;
  /** A gate's primary metric (the project's by default); undefined where its file is missing or broken (a run will say so). */
  readonly primaryMetric: (gate?: string) => string | undefined;
  /** For what works without a project, too. @throws projects/earlier-version in one that this version can't continue */
  readonly refuseEarlierProject: () => void;
  /** Reads the reference tests that `configs/frozen.json` records, by split version. */
  readonly frozenReferences: () => Promise<Readonly<Record<string, FrozenReference>>>;
  /** Records a new one there, in one write transaction of the catalogue. */
  readonly freezeReference: (splitVersion: number, reference: FrozenReference) => Promise<void>;
}

export interface SplitsOffer {
  /** sha256 of the master table's files. @throws splits/master-missing */
  readonly masterSha256: () => Promise<string>;
  /** True if the files of this split are complete and were made from this table and these schemas. */
  readonly isMade: (configs: ResolvedConfigs) => Promise<boolean>;
  /** @throws splits/reference-changed if this file, or one in this folder (absolute), is a frozen reference test and has changed */
  readonly refuseChangedReference: (added: string) => Promise<void>;
}

export interface VersioningOffer {
  /** Restores a missing file of the project from the DVC cache; false if it isn't there. */
  readonly restore: (file: string) => Promise<boolean>;
  /** Versioned files and folders that are recorded but not in place, and the steps that bring them back. */
  readonly missing: () => Promise<MissingData>;
}

export interface MissingData {
  readonly paths: readonly string[];
  /** How many outputs are recorded in all. */
  readonly recorded: number;
  /** What to do in words, where no step alone does it. */
  readonly hint: string | null;
  readonly actions: readonly NextStep[];
}

/** What the area environment does for others. */
export interface EnvironmentOffer {
  /** What is wrong with the project, as far as it can be seen at a glance: without starting a server or reading large files. */
  readonly problems: (signal: AbortSignal) => Promise<readonly Check[]>;
}

/** The project's ledger. */
export interface LedgerOffer {
  /** Reads and verifies all entries. @throws ledger/broken, ledger/truncated */
  readonly read: () => Promise<readonly LedgerEntry[]>;
  /**
   * Appends one entry under the lock, with the rows that belong to it; returns the present one where `unless` finds it.
   * @throws ledger/broken, ledger/truncated, files/disk-full; nothing is appended then
   */
  readonly append: (
    entry: NewLedgerEntry,
    options?: {
      readonly unless?: (entries: readonly LedgerEntry[]) => LedgerEntry | undefined;
      readonly alsoWrite?: (writer: CatalogueWriter, entry: LedgerEntry) => void;
    },
  ) => Promise<LedgerEntry>;
  /**
   * Compares the last entry that a server knows, in all experiments of the project, with the ledger. A ledger that is ahead of the server is
   * fine.
   * @throws ledger/other-head if the server has an entry that this ledger doesn't have; ledger/broken, ledger/truncated
   */
  readonly checkServer: (tracking: Tracking) => Promise<void>;
}

/** A finished run of a training plan's job. */
export interface FinishedJob {
  readonly runId: string;
  readonly planRun: PlanRun;
  readonly train: TrainResult;
}

export interface RunsOffer {
  /** What a run's folder says its stages found; empty if the folder was deleted. */
  readonly results: (runId: string) => Partial<StageResults>;
  /** The job of a training plan that a run executes, by the run's folder; undefined for any other run. */
  readonly planRun: (runId: string) => PlanRun | undefined;
  /** A run named by its id, the beginning of it, `#<number>` or `latest`. @throws runs/not-found */
  readonly find: (reference: string) => { readonly runId: string; readonly number: number; readonly status: string };
  /** The finished run that executed a job on the same data, newest first; undefined if there is none. */
  readonly finishedJob: (jobId: string, dataHash: string) => FinishedJob | undefined;
  /** Whether a process executes the run now, of whatever user or container. */
  readonly isExecuted: (runId: string) => boolean;
  /** Closes runs whose process ended without closing them. */
  readonly settle: () => Promise<void>;
  /** The project's commit, with `-dirty` if files differ; null outside git. */
  readonly gitCommit: () => Promise<string | null>;
}

export interface OperationsOffer {
  /** Cancels a long operation and waits until it has stopped. */
  readonly cancel: (id: string) => Promise<void>;
  /** Those that wait or run, the oldest request first; `since` they were started, else requested, in ms since 1970. */
  readonly active: () => Promise<
    readonly {
      readonly id: string;
      readonly operation: string;
      readonly runId: string | null;
      readonly since: number;
      readonly needsCredentials: boolean;
    }[]
  >;
  /** Notes in the row of the running long operation, if any, which run it works on. */
  readonly linkRun: (runId: string) => void;
  /** When the running long operation, if any, was requested, and the run it began before its supervisor was killed. */
  readonly working: () => { readonly requestedAt: number; readonly runId: string | null } | undefined;
}

/** Names on a server that the project wants to write under. A `Project` has them. */
export interface ServerNames {
  readonly experiment?: string | undefined;
  readonly registeredModel?: string | undefined;
}

/** Whose names on a server are. */
export interface OwnershipOffer {
  /**
   * Refuses names that belong to another project, and a server whose last ledger entry isn't ours. Writes nothing.
   * @throws projects/foreign, ledger/other-head
   */
  readonly check: (tracking: Tracking, names: readonly ServerNames[]) => Promise<void>;
  /** Whether the server has one of these names already, whoever's. */
  readonly areTaken: (tracking: Tracking, names: ServerNames) => Promise<boolean>;
  /** Refuses a run of another project, such as one from before a fork. @throws projects/foreign */
  readonly checkRun: (tracking: Tracking, run: Pick<MlflowRun, "runId" | "tags">) => Promise<void>;
  /** Checks the names, then creates the experiment as this project's, or takes an unmarked one. Returns its id. @throws as `check` */
  readonly claimExperiment: (
    tracking: Tracking,
    names: ServerNames & { readonly experiment: string },
  ) => Promise<string>;
  /** The same for the registered model. */
  readonly claimModel: (tracking: Tracking, names: ServerNames & { readonly registeredModel: string }) => Promise<void>;
}

export interface TrainedModel {
  /** Name of the registered model. */
  readonly name: string;
  /** Experiment of its run. */
  readonly experiment: string;
  readonly runId: string;
  readonly digest: string;
  readonly modelType?: string | undefined;
  readonly tags?: Readonly<Record<string, string>>;
}

/** What the area tracking does for others; a project's server is `Core.tracking`. */
export interface ModelsOffer {
  /**
   * Registers an uploaded model once, however often this is called, and returns its version. Checks first whose the names are.
   * @throws projects/foreign, ledger/other-head
   */
  readonly register: (tracking: Tracking, model: TrainedModel) => Promise<string>;
}

export interface JobsOffer {
  /** Writes the course of jobs into the catalogue. */
  readonly record: () => JobRecord;
  /** Settles jobs that ended without a process that follows them; running ones stay. */
  readonly settleDead: () => Promise<void>;
  /** Cancels every job of a run that still lives; how many there were. */
  readonly cancelOf: (runId: string) => Promise<number>;
}

/** What is still to be sent to MLflow. */
export interface OutboxOffer {
  /** Sends what is due and meant for this server. Never throws: what fails is noted, and a later command tries again. */
  readonly deliver: (tracking: Tracking) => Promise<void>;
  /** The same where something is due and the server answers already: what commands do that only look. */
  readonly deliverIfUp: () => Promise<void>;
}

/** What areas do for others, by the area that does it; each area's `needs.ts` names what it uses of this, and wiring hands it over. */
export interface Offers {
  readonly configs: ConfigsOffer;
  readonly environment: EnvironmentOffer;
  readonly ledger: LedgerOffer;
  readonly runs: RunsOffer;
  readonly operations: OperationsOffer;
  readonly jobs: JobsOffer;
  readonly models: ModelsOffer;
  readonly outbox: OutboxOffer;
  readonly ownership: OwnershipOffer;
  readonly splits: SplitsOffer;
  readonly versioning: VersioningOffer;
}

/** What the stages of a pipeline share. */
export interface StageCore
  extends Pick<Core, "projectDir" | "project" | "catalogue" | "clock" | "env" | "place" | "node"> {
  readonly configs: Pick<ConfigsOffer, "resolve" | "frozenReferences" | "freezeReference">;
  readonly ledger: LedgerOffer;
  readonly runs: Pick<RunsOffer, "results">;
  readonly jobs: Pick<JobsOffer, "record">;
  readonly models: Pick<ModelsOffer, "register">;
  readonly ownership: Pick<OwnershipOffer, "check">;
  readonly versioning: Pick<VersioningOffer, "restore">;
}

/** What a stage gets. It reads `results` of the stages before it and returns its own. */
export interface StageContext {
  readonly core: StageCore;
  /** Where its jobs run. */
  readonly place: Place;
  /** Absolute path of the Node that it starts a program of ours with. */
  readonly node: string;
  readonly project: Project;
  readonly runId: string;
  /** Absolute: `.signalbox/runs/<run_id>`. */
  readonly runDir: string;
  readonly configs: ResolvedConfigs;
  readonly seed: number;
  /** The job of a training plan that the run executes; the project and the configurations are that job's own then. */
  readonly planRun?: PlanRun | undefined;
  readonly results: Partial<StageResults>;
  readonly options: {
    /** Apply the verdict (move the alias); false only records it. */
    readonly promote: boolean;
    /** Send the versioned data to the DVC remote. */
    readonly push: boolean;
  };
  /** The project's locks that are held while the run executes; absent where nothing else can run (a repetition in its own folder). */
  readonly hold?: Hold;
  readonly tracking: Tracking;
  readonly signal: AbortSignal;
  readonly report: (progress: Progress) => void;
}

export type Stage<Name extends keyof StageResults> = (context: StageContext) => Promise<StageResults[Name]>;
