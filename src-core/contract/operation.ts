import type { z } from "zod";
import type { ErrorCode } from "./errors.ts";

/** What an operation reads or changes; a face refetches what a call invalidates. */
export type Subject =
  | "project"
  | "configs"
  | "data"
  | "splits"
  | "runs"
  | "models"
  | "decisions"
  | "ledger"
  | "lineage"
  | "operations"
  | "tracking"
  | "outbox"
  | "environments";

/** Under which heading of the help an operation is listed. */
export type CliGroup = "start" | "runs" | "routing" | "data" | "machine";

/** How the command line is derived; everything not said here follows from the input schema. */
export interface CliHints {
  /** The words of the command: "runs list". */
  readonly path: string;
  readonly group: CliGroup;
  /** Input keys taken by position, in order; the last one may be an array and takes the rest. */
  readonly positionals?: readonly string[];
  /** One-letter options by input key. */
  readonly short?: Readonly<Record<string, string>>;
  /** Name of the value in help by input key: "DIR". */
  readonly valueNames?: Readonly<Record<string, string>>;
  /** Input keys the command line does not offer. */
  readonly hidden?: readonly string[];
  readonly examples?: readonly string[];
}

export interface Operation<In extends z.ZodType = z.ZodType, Out extends z.ZodType = z.ZodType> {
  readonly summary: string;
  /** A paragraph for `--help`. */
  readonly description?: string;
  readonly input: In;
  readonly output: Out;
  readonly errors: readonly ErrorCode[];
  readonly provides?: readonly Subject[];
  readonly invalidates?: readonly Subject[];
  /** A long operation is a row in the catalogue, run by the project's supervisor, followed by any face. */
  readonly isLong: boolean;
  /** False for what works outside a project (init, env, doctor). */
  readonly needsProject: boolean;
  readonly cli: CliHints;
  /** The exit code a result stands for when it is not 0 (the gate said no: 6). */
  readonly exitCode?: (output: z.output<Out>) => number;
}

/** Declares one operation; only here to infer the types of its schemas. */
export function operation<In extends z.ZodType, Out extends z.ZodType>(
  declaration: Operation<In, Out>,
): Operation<In, Out> {
  return declaration;
}

export interface Progress {
  /** Machine name of the step ("split", "upload"). */
  readonly stage?: string;
  readonly done?: number;
  readonly total?: number;
  /** What `done` counts: "rows", "bytes", "trees". */
  readonly unit?: string;
  /** One line for a person. */
  readonly message?: string;
  /** Lifecycle of a stage, where the event marks one. */
  readonly state?: "started" | "finished" | "skipped" | "failed";
  /** What became of the one thing among many that the message names: a job of a training. */
  readonly outcome?: "succeeded" | "failed" | "skipped";
  readonly elapsedMs?: number;
}

export interface OperationContext {
  readonly signal: AbortSignal;
  readonly report: (progress: Progress) => void;
}

export type OperationTable = Readonly<Record<string, Operation>>;

export type InputOf<Op extends Operation> = z.input<Op["input"]>;
export type ParsedInputOf<Op extends Operation> = z.output<Op["input"]>;
export type OutputOf<Op extends Operation> = z.output<Op["output"]>;

/** The implementations an area owes: one function per declared operation; a missing one is a compile error. */
export type Implementations<Table extends OperationTable> = {
  readonly [Id in keyof Table]: (
    input: ParsedInputOf<Table[Id]>,
    context: OperationContext,
  ) => Promise<OutputOf<Table[Id]>>;
};
