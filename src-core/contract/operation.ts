import type * as z from "zod";
import type { ErrorCode } from "./errors.ts";

/** What an operation reads or changes. A face refetches what a call invalidates. */
export type Subject =
  | "project"
  | "configs"
  | "data"
  | "splits"
  | "runs"
  | "models"
  | "decisions"
  | "ledger"
  | "routing"
  | "operations"
  | "tracking"
  | "outbox"
  | "environments";

/** The heading of the help that lists the operation. */
export type CliGroup = "start" | "runs" | "routing" | "data" | "machine";

/** How the command is derived; the rest follows from the input schema. */
export interface CliHints {
  /** The words of the command: "runs list". */
  readonly path: string;
  readonly group: CliGroup;
  /** Input keys taken by position, in order; the last one may be an array, which takes the rest. */
  readonly positionals?: readonly string[];
  /** One-letter options by input key. */
  readonly short?: Readonly<Record<string, string>>;
  /** Name of the value in the help, by input key: "DIR". */
  readonly valueNames?: Readonly<Record<string, string>>;
  /** Input keys that the command line doesn't offer. */
  readonly hidden?: readonly string[];
  readonly examples?: readonly string[];
}

/** Operations that name an equal lock run one after the other, unless both only share it. */
export interface LockWish {
  readonly name: string;
  /** Held together with others that share it; kept from whoever takes it alone. */
  readonly isShared?: boolean;
}

export interface Operation<In extends z.ZodType = z.ZodType, Out extends z.ZodType = z.ZodType> {
  readonly summary: string;
  /** A paragraph of the help. */
  readonly description?: string;
  readonly input: In;
  readonly output: Out;
  readonly errors: readonly ErrorCode[];
  /** What the answer tells of: it may no longer hold when one of these changes. */
  readonly provides?: readonly Subject[];
  /** What a call may change. An operation that names none only reads. */
  readonly invalidates?: readonly Subject[];
  /** Why it neither tells of a subject nor changes one, where that is so. */
  readonly withoutSubject?: string;
  /** Input keys that name files or folders by a path from where the person is: a face makes them absolute. */
  readonly paths?: readonly string[];
  /**
   * The input key that a face fills with the folder where the person is (absolute), for values that may be a path or a name, and for words
   * about paths. Without it they are understood from the project's folder.
   */
  readonly workingFolder?: string;
  /** What a long operation holds from its begin to its end; a stage of a pipeline takes more where it needs them. */
  readonly locks?: (input: z.output<In>) => readonly LockWish[];
  /** A long operation is a row in the catalogue: the project's supervisor runs it, and any face can follow it. */
  readonly isLong: boolean;
  /** False for operations that work outside a project (init, env, doctor). */
  readonly needsProject: boolean;
  readonly cli: CliHints;
  /** The exit code of a result, if it can differ from 0 (the gate said no: 6). */
  readonly exitCode?: (output: z.output<Out>) => number;
}

/** Declares an operation. It only exists to infer the types of the schemas. */
export function operation<In extends z.ZodType, Out extends z.ZodType>(
  declaration: Operation<In, Out>,
): Operation<In, Out> {
  return declaration;
}

export interface Progress {
  /** Name of the step for programs ("split", "upload"). */
  readonly stage?: string;
  readonly done?: number;
  readonly total?: number;
  /** What `done` counts: "rows", "bytes", "trees". */
  readonly unit?: string;
  /** One line for the user. */
  readonly message?: string;
  /** State of a stage, if the event changes it. */
  readonly state?: "started" | "finished" | "skipped" | "failed";
  /** Outcome of the item that the message names, such as a job of a training. */
  readonly outcome?: "succeeded" | "failed" | "skipped";
  readonly elapsedMs?: number;
}

/** What an operation asks whoever follows it. The answer is kept nowhere. */
export interface Question {
  readonly kind: "secret" | "text" | "confirmation";
  /** What is asked for, for a program that may know it: "MLFLOW_TRACKING_TOKEN". */
  readonly name: string;
  /** One line for a person. */
  readonly message: string;
}

export interface OperationContext {
  readonly signal: AbortSignal;
  readonly report: (progress: Progress) => void;
  /** Asks the person; null where nobody answers or they decline. Absent where nobody can be asked. */
  readonly ask?: (question: Question) => Promise<string | null>;
}

export type OperationTable = Readonly<Record<string, Operation>>;

export type InputOf<Op extends Operation> = z.input<Op["input"]>;
export type ParsedInputOf<Op extends Operation> = z.output<Op["input"]>;
export type OutputOf<Op extends Operation> = z.output<Op["output"]>;

/** The implementations of an area: one function per declared operation. A missing one is a compile error. */
export type Implementations<Table extends OperationTable> = {
  readonly [Id in keyof Table]: (
    input: ParsedInputOf<Table[Id]>,
    context: OperationContext,
  ) => Promise<OutputOf<Table[Id]>>;
};
